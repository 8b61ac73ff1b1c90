# Completion for fish: curvewise completion fish | source
# Words are passed on as they were typed and never evaluated.
function __curvewise_candidates
    set -l words (commandline -opc)
    set -l last (commandline -ct)
    command curvewise complete -- $words[2..-1] "$last" 2>/dev/null | string match -v -r '^:[0-9]+$'
end
complete -c curvewise -a '(__curvewise_candidates)'
