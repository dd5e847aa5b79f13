import { runtimeException } from '../java/exception.ts'

const internalTopics = new Set(['__consumer_offsets', '__transaction_state', '__share_group_state'])

export const isInternal = (topic: string): boolean => internalTopics.has(topic)

export type TopicFilter = (topic: string, excludeInternal: boolean) => boolean

/** A list of names or patterns, separated by commas, as --topic and --include take it. @throws JavaException */
export function includeList(raw: string): TopicFilter {
  const regex = raw
    .trim()
    .replaceAll(',', '|')
    .replaceAll(' ', '')
    .replace(/^["']+/, '')
    .replace(/["']+$/, '')
  const pattern = compiled(regex)
  return (topic, excludeInternal) => pattern.test(topic) && !(excludeInternal && isInternal(topic))
}

function compiled(regex: string): RegExp {
  try {
    return new RegExp(`^(?:${regex})$`)
  } catch {
    throw runtimeException(`${regex} is an invalid regex.`)
  }
}
