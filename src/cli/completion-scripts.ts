import type { Described } from './described.ts';

const GLOBAL = ['--help', '--version', '--print-config'];
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

function bash(commands: readonly Described[]): string {
  const cases = commands.map(
    ({ name, actions, options }) =>
      `    ${name}) options=${quoted(options.join(' '))}; actions=${quoted(actions.join(' '))} ;;`,
  );
  const names = commands.map(({ name }) => name);
  return `# Completion of reporting-api for bash: source <(reporting-api completion bash)
_reporting_api() {
  local current="\${COMP_WORDS[COMP_CWORD]}" options actions
  COMPREPLY=()
  if (( COMP_CWORD == 1 )); then
    mapfile -t COMPREPLY < <(compgen -W ${quoted([...names, ...GLOBAL].join(' '))} -- "$current")
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    *) return ;;
  esac
  if [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
  elif (( COMP_CWORD == 2 )) && [[ -n $actions ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$actions" -- "$current")
  else
    local IFS=$'\\n'
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}
complete -o filenames -F _reporting_api reporting-api
`;
}

const zshItem = (name: string, text: string) => quoted(`${name}:${text.replaceAll(':', '\\:')}`);

function zsh(commands: readonly Described[]): string {
  const cases = commands.map(
    ({ name, actions, options }) =>
      `    ${name}) options=(${options.map(quoted).join(' ')}); actions=(${actions.map(quoted).join(' ')}) ;;`,
  );
  return `#compdef reporting-api
# Completion of reporting-api for zsh: source <(reporting-api completion zsh)
_reporting_api() {
  local -a commands options actions
  commands=(
${commands.map(({ name, summary }) => `    ${zshItem(name, summary)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    compadd -- ${GLOBAL.join(' ')}
    return
  fi
  case "$words[2]" in
${cases.join('\n')}
    *) return ;;
  esac
  if [[ $PREFIX == -* ]]; then
    compadd -- $options
  elif (( CURRENT == 3 && $#actions )); then
    compadd -- $actions
  else
    _files
  fi
}
compdef _reporting_api reporting-api
`;
}

function fish(commands: readonly Described[]): string {
  const lines = commands.flatMap(({ name, summary, actions, options }) => [
    `complete -c reporting-api -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
    ...actions.map(
      (action) => `complete -c reporting-api -n '__fish_seen_subcommand_from ${name}' -f -a ${action}`,
    ),
    ...options.map(
      (option) => `complete -c reporting-api -n '__fish_seen_subcommand_from ${name}' -l ${option.slice(2)}`,
    ),
  ]);
  const global = GLOBAL.map(
    (option) => `complete -c reporting-api -n __fish_use_subcommand -l ${option.slice(2)}`,
  );
  return `# Completion of reporting-api for fish: reporting-api completion fish | source\n${[...lines, ...global].join('\n')}\n`;
}

/** The scripts by the name of their shell. */
export const SHELLS = { bash, zsh, fish } as const;
