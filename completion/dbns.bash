# Completion of dbns in bash; dbns itself knows the words. Nothing that is typed is evaluated.
_dbns() {
  local rest=${COMP_LINE:0:COMP_POINT} words=() word i
  # bash takes ':' and '=' for ends of words (COMP_WORDBREAKS): what no blank parts is put together again.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=${rest#"${rest%%[![:space:]]*}"}
    if ((i < COMP_CWORD)); then word=${COMP_WORDS[i]}; fi
    if ((i == 0)) || [[ $rest == [[:space:]]* ]]; then words+=("$word"); else words[${#words[@]} - 1]+=$word; fi
    rest=${rest#"${rest%%[![:space:]]*}"}
    rest=${rest#"$word"}
  done
  # Of the last word bash wants what follows its last ':' or '='.
  local breaks=${COMP_WORDBREAKS//[^:=]/} current=${words[${#words[@]} - 1]} head='' line
  if [[ -n $breaks ]]; then head=${current%"${current##*[$breaks]}"}; fi
  COMPREPLY=()
  while IFS=$'\t' read -r line _; do
    case $line in
      :files) compopt -o default ;;
      *=) compopt -o nospace && COMPREPLY+=("${line#"$head"}") ;;
      *) COMPREPLY+=("${line#"$head"}") ;;
    esac
  done < <(dbns complete -- "${words[@]:1}" 2>/dev/null)
}
complete -F _dbns dbns
