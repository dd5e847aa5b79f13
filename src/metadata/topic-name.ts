const NAME_LENGTH_MAX = 249
const LEGAL = /^[a-zA-Z0-9._-]+$/
const internalTopics: ReadonlySet<string> = new Set(['__consumer_offsets', '__transaction_state', '__share_group_state'])

export const CLUSTER_METADATA_TOPIC = '__cluster_metadata'
export const isInternalTopic = (name: string): boolean => internalTopics.has(name)

/** Why a topic cannot have this name, or undefined when it can. */
export const invalidTopicName = (name: string): string | undefined => {
  const reason = invalidReason(name)
  return reason === undefined ? undefined : `Topic name is invalid: ${reason}`
}
const invalidReason = (name: string): string | undefined => {
  if (name === '') return 'the empty string is not allowed'
  if (name === '.' || name === '..') return `'${name}' is not allowed`
  if (name.length > NAME_LENGTH_MAX) return `the length of '${name}' is longer than the max allowed length ${NAME_LENGTH_MAX}`
  if (!LEGAL.test(name)) return `'${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`
  return undefined
}

/** Metric names turn periods into underscores, so topics that differ in these only would share theirs. */
export const hasCollisionCharacters = (name: string): boolean => name.includes('_') || name.includes('.')
export const unifyCollisionCharacters = (name: string): string => name.replaceAll('.', '_')
