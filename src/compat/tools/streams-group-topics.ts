import type { Admin } from '../../client/index.ts'
import { allAnswered } from '../java/client-failure.ts'
import { JavaException } from '../java/exception.ts'
import { textOrder } from '../java/hash-order.ts'
import { printError, type ToolIo } from '../tool.ts'

const internalNames = [
  /-changelog$/,
  /-repartition$/,
  /-subscription-registration-topic$/,
  /-subscription-response-topic$/,
  /^.+-KTABLE-FK-JOIN-SUBSCRIPTION-(?:REGISTRATION|RESPONSE)-\d+-topic$/,
]

/** By its name, a topic that an application of Kafka Streams made for itself. */
const isInternal = (topic: string, groupId: string): boolean =>
  topic.startsWith(`${groupId}-`) && internalNames.some((name) => name.test(topic))

/** What each group made for itself, of those that made anything; what is not named as such is left out, and said. */
export async function internalTopics(
  io: ToolIo,
  admin: Admin,
  groupIds: readonly string[],
  timeoutMs: number,
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>()
  try {
    const groups = await allAnswered('DescribeStreamsGroups', admin.describeStreamsGroups(groupIds, { timeoutMs }))
    const byId = new Map(groups.map((group) => [group.groupId, group]))
    for (const groupId of textOrder([...byId.keys()])) {
      const { subtopologies } = byId.get(groupId)!
      const sources = new Set(subtopologies.flatMap(({ sourceTopics }) => sourceTopics))
      const made = subtopologies
        .flatMap((part) => [...textOrder(part.repartitionSourceTopics), ...textOrder(part.stateChangelogTopics)])
        .filter((topic) => !sources.has(topic))
      for (const topic of made.filter((each) => !isInternal(each, groupId)))
        printError(
          io,
          `The internal topic '${topic}' is not inferred as internal and thus will not be deleted with the group '${groupId}'.`,
        )
      const named = made.filter((each) => isInternal(each, groupId))
      if (named.length > 0) found.set(groupId, named)
    }
  } catch (error) {
    if (!(error instanceof JavaException)) throw error
    await sayNotRetrieved(io, admin, groupIds, error, timeoutMs)
  }
  return found
}

async function sayNotRetrieved(io: ToolIo, admin: Admin, groupIds: readonly string[], failure: JavaException, timeoutMs: number) {
  const cause = failure.causedBy
  if (cause?.is('UnsupportedVersionException') !== true)
    return printError(io, `Retrieving internal topics failed due to ${failure.text}`, failure)
  try {
    const topics = (await admin.listTopics({ timeoutMs })).map(({ name }) => name)
    sayNotSupported(
      io,
      'Retrieving',
      topics.filter((topic) => groupIds.some((groupId) => isInternal(topic, groupId))),
      cause,
    )
  } catch {
    const text =
      "Retrieving internal topics is not supported by the broker version. Use 'kafka-topics.sh' to list and delete the group's internal topics."
    printError(io, text, cause)
  }
}

export function sayNotSupported(io: ToolIo, what: string, topics: readonly string[], cause: JavaException): void {
  const hint = "Use 'kafka-topics.sh' to delete the group's internal topics."
  printError(io, `${what} internal topics is not supported by the broker version.\nInternal topics: (${topics.join(',')}).\n${hint}`, cause)
}
