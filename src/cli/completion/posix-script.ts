import { connectionFlags } from '../flags.ts'
import type { CompletionTable } from './completion-table.ts'

const quoted = (text: string): string => `'${text.replace(/'/g, `'\\''`)}'`
const hintsText = (hints: Readonly<Record<string, string>>): string =>
  Object.entries(hints)
    .map(([name, hint]) => `${name}=${hint}`)
    .join(' ')

/** Every word for a flag that says which cluster is meant. */
export const wordsOf = (flag: keyof typeof connectionFlags): string[] => {
  const { char, aliases = [] } = connectionFlags[flag] as { readonly char?: string; readonly aliases?: readonly string[] }
  return [...(char === undefined ? [] : [`-${char}`]), ...[flag, ...aliases].map((name) => `--${name}`)]
}
const clusterWords = (flag: keyof typeof connectionFlags): string => wordsOf(flag).join(' | ')

/**
 * A function of any POSIX shell that prints what may stand in the place of a word, one candidate a line. It starts no program but awk, sed and tr: names
 * come from files that the last listing left, so that no cluster is waited for. Words are looked up in tables; nothing of them is run.
 */
export function candidatesFunction({ entries, words, steps, output, connection }: CompletionTable): string {
  const cases = (lines: readonly (readonly [string, string])[]): string =>
    lines.map(([pattern, body]) => `    ${pattern}) ${body} ;;\n`).join('')
  const flagCases = entries.map(({ command, flags, valued, hints, operand, isOfCluster }): [string, string] => {
    const shared = isOfCluster ? ' $_tk_cflags' : ''
    return [
      quoted(command),
      `_tk_flags="${flags.join(' ')}${shared} $_tk_oflags" _tk_valued="${valued.join(' ')}${isOfCluster ? ' $_tk_cvalued' : ''} $_tk_ovalued" _tk_hints="${hintsText(hints)}${isOfCluster ? ' $_tk_chints' : ''} $_tk_ohints" _tk_operand=${quoted(operand)}`,
    ]
  })
  const byTarget = Map.groupBy(Object.entries(steps), ([, target]) => target)
  const stepCases = [...byTarget].map(([target, names]): [string, string] => [
    names.map(([name]) => quoted(name)).join('|'),
    `_tk_path=${quoted(target)}`,
  ])
  const wordCases = Object.entries(words).map(([path, next]): [string, string] => [quoted(path), `echo "${next.join(' ')}" | tr ' ' '\\n'`])
  return `_tk_step() {
  case "$1/$2" in
${cases(stepCases)}    *) return 1 ;;
  esac
}
_tk_know() {
  _tk_oflags=${quoted(output.flags.join(' '))}
  _tk_ovalued=${quoted(output.valued.join(' '))}
  _tk_ohints=${quoted(hintsText(output.hints))}
  _tk_cflags=${quoted(connection.flags.join(' '))}
  _tk_cvalued=${quoted(connection.valued.join(' '))}
  _tk_chints=${quoted(hintsText(connection.hints))}
  _tk_operand=
  case "$1" in
${cases(flagCases)}    *) _tk_flags="$_tk_oflags $_tk_cflags" _tk_valued="$_tk_ovalued $_tk_cvalued -b -F -X -o" _tk_hints="$_tk_ohints $_tk_chints" ;;
  esac
}
_tk_words() {
  case "$1" in
${cases(wordCases)}    *) return 1 ;;
  esac
}
# Which cluster the words and the environment mean, as the listing of names has called it.
_tk_key() {
  [ -z "$_tk_elsewhere" ] || return 1
  _tk_env=\${TKAFKA_BOOTSTRAP_SERVER:-\${TKAFKA_X_BOOTSTRAP_SERVERS-}}
  _tk_named=$_tk_profile
  [ "$_tk_profile" != none ] || _tk_named=
  if [ -n "$_tk_server$_tk_pair" ]; then _tk_key=server-\${_tk_server:-$_tk_pair}
  elif [ -z "$_tk_named" ] && [ -n "$_tk_env" ]; then _tk_key=server-$_tk_env
  else
    if [ -n "$_tk_named" ]; then _tk_key=profile-$_tk_named
    elif [ "$_tk_profile" = none ] || [ -n "$_tk_config" ] || [ "\${TKAFKA_PROFILE-}" = none ]; then _tk_key=none
    elif [ -n "\${TKAFKA_PROFILE-}" ]; then _tk_key=profile-$TKAFKA_PROFILE
    else _tk_key=default
    fi
    _tk_here=
    [ "$_tk_key" = none ] || [ ! -e .tkafka.yaml ] || _tk_here=@$(pwd -P)
    [ -z "$_tk_env" ] || _tk_key=$_tk_key@$_tk_env
    _tk_key=$_tk_key$_tk_here
    _tk_settings=\${_tk_config:-\${TKAFKA_CONFIG-}}
    case "$_tk_settings" in
      '') ;;
      /*) _tk_key=$_tk_key@$_tk_settings ;;
      '~/'*) _tk_key=$_tk_key@$HOME/\${_tk_settings#'~/'} ;;
      *) _tk_key=$_tk_key@$(pwd -P)/$_tk_settings ;;
    esac
  fi
}
# A flag that says which cluster, and its value, from which quotes may not have been taken yet.
_tk_note() {
  _tk_value=\${2#[\\'\\"]}
  _tk_value=\${_tk_value%[\\'\\"]}
  case "$1" in
    ${clusterWords('bootstrap-server')}) case " $_tk_hints " in *" $1=brokers "*) ;; *) _tk_server=$_tk_value ;; esac ;;
    ${clusterWords('profile')}) _tk_profile=$_tk_value ;;
    ${clusterWords('command-config')}) _tk_config=$_tk_value ;;
    ${clusterWords('bootstrap-controller')}) _tk_elsewhere=1 ;;
    ${clusterWords('command-property')})
      case "$_tk_value" in
        bootstrap.servers=*) _tk_pair=\${_tk_value#*=} _tk_pair=\${_tk_pair#[\\'\\"]} ;;
        bootstrap.controllers=*) _tk_elsewhere=1 ;;
      esac
      ;;
  esac
}
_tk_names() {
  _tk_home=\${XDG_CACHE_HOME:-$HOME/.cache}/tkafka/names
  case "$1" in
    profiles) _tk_file=$_tk_home/profiles ;;
    *)
      _tk_key || return 1
      _tk_file=$_tk_home/$(printf %s "$_tk_key" | LC_ALL=C sed 's/_/__/g;s/[/]/_s/g;s/:/_c/g;s/,/_k/g;s/@/_a/g;s/[^A-Za-z0-9._-]/_x/g').$1
      ;;
  esac
  [ -f "$_tk_file" ] && _tk_prefix=\${_tk_cur#--*=} awk 'index($0, ENVIRON["_tk_prefix"]) == 1' "$_tk_file"
}
_tk_hint() {
  case "$1" in
    '') return 1 ;;
    topics | groups | brokers | profiles) _tk_names "$1" ;;
    *) printf '%s\\n' "$1" | tr , '\\n' ;;
  esac
}
# The word to complete, then the words in front of it without the program.
_tk_candidates() {
  _tk_cur=$1
  shift
  _tk_path= _tk_flag= _tk_rest= _tk_profile= _tk_server= _tk_pair= _tk_config= _tk_elsewhere=
  _tk_know ''
  for _tk_word in "$@"; do
    if [ -n "$_tk_flag" ]; then
      _tk_note "$_tk_flag" "$_tk_word"
      _tk_flag=
      continue
    fi
    case "$_tk_word" in
      --*=*) _tk_note "\${_tk_word%%=*}" "\${_tk_word#*=}" ;;
      -[bFX]?*) _tk_note "\${_tk_word%"\${_tk_word#??}"}" "\${_tk_word#??}" ;;
      -*) case " $_tk_valued " in *" $_tk_word "*) _tk_flag=$_tk_word ;; esac ;;
      *) if [ -z "$_tk_rest" ] && _tk_step "$_tk_path" "$_tk_word"; then _tk_know "$_tk_path"; else _tk_rest=1; fi ;;
    esac
  done
  if [ -n "$_tk_flag" ]; then
    case " $_tk_hints " in
      *" $_tk_flag="*)
        _tk_hint=\${_tk_hints##*"$_tk_flag="}
        _tk_hint "\${_tk_hint%% *}"
        ;;
    esac
    return 0
  fi
  case "$_tk_cur" in
    --*=*)
      _tk_flag=\${_tk_cur%%=*}
      case " $_tk_hints " in
        *" $_tk_flag="*)
          _tk_hint=\${_tk_hints##*"$_tk_flag="}
          _tk_hint "\${_tk_hint%% *}" | while IFS= read -r _tk_word; do printf '%s\\n' "$_tk_flag=$_tk_word"; done
          ;;
      esac
      ;;
    -*) printf '%s\\n' "$_tk_flags" | tr -s ' ' '\\n' ;;
    *) if [ -n "$_tk_rest" ] || ! _tk_words "$_tk_path"; then _tk_hint "$_tk_operand"; fi ;;
  esac
  return 0
}
`
}

export const bashScript = (
  table: CompletionTable,
): string => `# tkafka in bash: eval "$(tkafka completion bash)", or keep it where bash-completion looks.
${candidatesFunction(table)}
_tkafka() {
  local cur line i
  local -a before=()
  # Readline parts words at = and :, which are parts of ours.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    line=\${COMP_WORDS[i]}
    if [[ \${#before[@]} -gt 0 && ( $line == [=:]* || \${before[\${#before[@]}-1]} == *[=:] ) && \${COMP_WORDS[i-1]} != '' ]]; then
      before[\${#before[@]}-1]+=$line
    else
      before+=("$line")
    fi
  done
  cur=\${before[\${#before[@]}-1]}
  unset 'before[\${#before[@]}-1]'
  local shown=\${cur%"\${COMP_WORDS[COMP_CWORD]}"}
  [[ \${COMP_WORDS[COMP_CWORD]} == [=:] ]] && shown=$cur
  COMPREPLY=()
  while IFS= read -r line; do
    [[ -n $line && $line == "$cur"* ]] || continue
    line=\${line#"$shown"}
    [[ $line == *[^A-Za-z0-9._,/@%+=:-]* ]] && printf -v line %q "$line"
    COMPREPLY+=("$line")
  done < <(_tk_candidates "$cur" \${before[@]+"\${before[@]}"} 2>/dev/null)
}
complete -o bashdefault -o default -F _tkafka tkafka
`

export const zshScript = (table: CompletionTable): string => `#compdef tkafka
# tkafka in zsh: tkafka completion zsh > a file called _tkafka in a folder of $fpath, or eval it after compinit.
${candidatesFunction(table)}
_tk_in_sh() {
  emulate -L sh
  _tk_candidates "$@" 2>/dev/null
}
_tkafka() {
  local -a found
  found=("\${(@f)$(_tk_in_sh "\${(@)words[CURRENT]}" "\${(@)words[2,CURRENT-1]}")}")
  found=("\${(@)found:#}")
  if (( \${#found} )); then compadd -- "\${(@)found}"; else _files; fi
}
if [[ \${zsh_eval_context[-1]} == loadautofunc ]]; then _tkafka "$@"; else compdef _tkafka tkafka; fi
`

/** fish has a language of its own: the function above runs in the sh that every system with fish has. */
export const fishScript = (table: CompletionTable): string => {
  const program = `${candidatesFunction(table)}_tk_candidates "$@" 2>/dev/null\n`
  return `# tkafka in fish: tkafka completion fish > ~/.config/fish/completions/tkafka.fish
set -g __tkafka_program '${program.replace(/[\\']/g, '\\$&')}'
function __tkafka_candidates
  set -l before (commandline -opc)
  sh -c $__tkafka_program sh (commandline -ct) $before[2..-1]
end
complete -c tkafka -f -a '(__tkafka_candidates)'
complete -c tkafka -F -n 'test -z (__tkafka_candidates | string collect)'
`
}
