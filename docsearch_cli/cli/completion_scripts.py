"""What each shell reads to complete our command line.

A script asks the command itself, which gets the words typed so far as its arguments and prints what
may stand there, one a line, with an explanation behind a tab. Names of documents come from
strangers: no shell ever evaluates what was printed, and each quotes it by its own means.
"""

COMPLETE_VARIABLE = "_DOCSEARCH_COMPLETE"
"""Set by a script when it asks, to the name of its shell."""

# Readline completes what stands behind the last of COMP_WORDBREAKS and leaves quotes to us: what is
# printed has been cut and quoted for it. Nothing printed means files, by -o default.
_BASH = r"""_docsearch_completion() {
    COMPREPLY=()
    local found
    while IFS= read -r found; do
        COMPREPLY+=("${found%%$'\t'*}")
    done < <(_DOCSEARCH_COMPLETE=bash "$1" "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
    return 0
}
complete -o default -F _docsearch_completion docsearch
"""

_ZSH = r"""#compdef docsearch
_docsearch() {
    local -a typed found values shown
    local line printed
    typed=("${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}")
    printed=$(_DOCSEARCH_COMPLETE=zsh "${typed[@]}" 2>/dev/null)
    found=("${(@f)printed}")
    for line in "${found[@]}"; do
        [[ -n $line ]] || continue
        values+=("${line%%$'\t'*}")
        shown+=("${line/$'\t'/  -- }")
    done
    if (( ! $#values )); then
        _files
        return
    fi
    [[ $PREFIX == --*=* ]] && compset -P '*='
    if [[ $#values -eq 1 && $values[1] == *= ]]; then
        compadd -S '' -d shown -a values
    else
        compadd -l -V docsearch -d shown -a values
    fi
}
if [[ $funcstack[1] == _docsearch ]]; then
    _docsearch "$@"
else
    compdef _docsearch docsearch
fi
"""

_FISH = r"""function __docsearch_complete
    set -l words (commandline -opc) (commandline -ct | string unescape)
    set -l found (env _DOCSEARCH_COMPLETE=fish $words 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete --command docsearch --no-files --keep-order --arguments '(__docsearch_complete)'
"""

SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
"""By the shell's name."""
