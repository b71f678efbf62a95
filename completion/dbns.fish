# Completion of dbns in fish; dbns itself knows the words. Nothing that is typed is evaluated.
function __dbns_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in (dbns complete -- $words[2..-1] "$current" 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path (string replace -r '^--[^=]*=' '' -- "$current")
        else
            printf '%s\n' $line
        end
    end
end
complete --command dbns --no-files --arguments '(__dbns_complete)'
