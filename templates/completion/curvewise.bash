# Completion for bash: source <(curvewise completion bash)
# Words are passed on as they were typed and never evaluated. If there are no candidates, files are offered.
_curvewise() {
  local value
  COMPREPLY=()
  while IFS=$'\t' read -r value _; do
    [[ -z $value || $value == :* ]] || COMPREPLY+=("$(printf '%q' "$value")")
  done < <(command curvewise complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _curvewise curvewise
