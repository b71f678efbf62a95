#compdef dbns
# Completion of dbns in zsh; dbns itself knows the words. Nothing that is typed is evaluated.
_dbns() {
  local line value
  local -a open closed
  for line in "${(@f)$(dbns complete -- "${(@Q)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}"; do
    value=${${line%%$'\t'*}//:/\\:}
    case $value in
      '') ;;
      '\:files') compset -P '*='; _files ;;
      *=) open+=("$value:${line#*$'\t'}") ;;
      *) closed+=("$value:${line#*$'\t'}") ;;
    esac
  done
  _describe dbns closed -- open -S ''
}
if [[ ${funcstack[1]} == _dbns ]]; then _dbns "$@"; else compdef _dbns dbns; fi
