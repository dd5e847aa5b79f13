const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/** A shell script under the name of one of Kafka's: it calls tkafka, `command` being the words that start it. */
export function shimText(tool: string, command: readonly string[]): string {
  return `#!/bin/sh\n# Written by tkafka compat install-shims.\nexec ${command.map(quoted).join(' ')} compat ${tool} "$@"\n`
}
