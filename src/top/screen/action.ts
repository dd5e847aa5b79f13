/** Words of a command line as a shell takes them. */
export const shellLine = (words: readonly string[]): string =>
  ['tkafka', ...words].map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ')

/** A group to other offsets: all that it has committed, or partitions of it. */
export function resetCommand(
  group: string,
  place: string,
  partitions: readonly { readonly topic: string; readonly partition: number }[],
): string[] {
  const chosen = [...Map.groupBy(partitions, ({ topic }) => topic)].flatMap(([topic, list]) => [
    '--topic',
    `${topic}:${list.map(({ partition }) => partition).join(',')}`,
  ])
  return ['groups', 'reset', group, `--to=${place}`, ...(chosen.length === 0 ? ['--all-topics'] : chosen), '--execute']
}

/** Preferred replicas lead again: of topics, or of all. */
export const electCommand = (topics: readonly string[]): string[] => ['topics', 'elect-leaders', ...topics]

/** Bounds what is being moved; without a rate it takes the bounds away. The screen has asked: nobody else can be. */
export const throttleCommand = (rate: string): string[] =>
  rate === '' || rate === 'off' ? ['reassign', 'throttle', 'clear', '--yes'] : ['reassign', 'throttle', 'set', rate]
