# Completion for bash: source <(curvewise completion bash)
# The words are handed over as they were typed and never evaluated. Without candidates, files are offered.
_curvewise() {
  local value
  COMPREPLY=()
  while IFS=$'\t' read -r value _; do
    [[ -z $value || $value == :* ]] || COMPREPLY+=("$(printf '%q' "$value")")
  done < <(command curvewise complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _curvewise curvewise
