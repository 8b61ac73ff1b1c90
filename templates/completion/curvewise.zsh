#compdef curvewise
# Completion for zsh: source <(curvewise completion zsh)
# Words are passed on as they were typed and never evaluated. If there are no candidates, files are offered.
_curvewise() {
  local line value
  local -a candidates
  for line in "${(@f)$(command curvewise complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -z $line || $line == :* ]] && continue
    value=${line%%$'\t'*}
    candidates+=("${value//:/\\:}:${line#*$'\t'}")
  done
  if (( $#candidates )); then
    _describe curvewise candidates
  else
    _files
  fi
}
compdef _curvewise curvewise
