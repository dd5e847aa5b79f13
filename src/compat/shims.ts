export const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

export const written = '#!/bin/sh\n# Written by tkafka compat install-shims.\n'

/** A shell script under the name of one of Kafka's: it calls tkafka, `command` being the words that start it. */
export function shimText(tool: string, command: readonly string[]): string {
  return `${written}exec ${command.map(quoted).join(' ')} compat ${tool} "$@"\n`
}
