import { type BrokerLink, call, decodeAssignment } from '../../client/index.ts'
import { Apis, Errors, KafkaError } from '../../protocol/index.ts'
import { ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse } from '../../protocol/messages/consumer-group-describe.ts'
import { DescribeGroupsRequest, DescribeGroupsResponse } from '../../protocol/messages/describe-groups.ts'
import {
  DescribeShareGroupOffsetsRequest,
  DescribeShareGroupOffsetsResponse,
} from '../../protocol/messages/describe-share-group-offsets.ts'
import { ListGroupsRequest, ListGroupsResponse } from '../../protocol/messages/list-groups.ts'
import { OffsetFetchRequest, OffsetFetchResponse } from '../../protocol/messages/offset-fetch.ts'
import { ShareGroupDescribeRequest, ShareGroupDescribeResponse } from '../../protocol/messages/share-group-describe.ts'
import type { GroupSample, GroupType, MemberSample, Sample } from '../sample.ts'
import { answerBound, type BrokerRounds } from './broker-rounds.ts'

const listGroups = call(Apis.ListGroups, ListGroupsRequest, ListGroupsResponse)
const describeGroups = call(Apis.DescribeGroups, DescribeGroupsRequest, DescribeGroupsResponse)
const describeConsumerGroups = call(Apis.ConsumerGroupDescribe, ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse)
const describeShareGroups = call(Apis.ShareGroupDescribe, ShareGroupDescribeRequest, ShareGroupDescribeResponse)
const shareOffsets = call(Apis.DescribeShareGroupOffsets, DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse)
const offsetFetch = call(Apis.OffsetFetch, OffsetFetchRequest, OffsetFetchResponse)

/** From version 10 on OffsetFetch names topics by id. */
const NAMED_TOPICS_VERSION_MAX = 9
/** From this version on one request carries many groups. */
const MANY_GROUPS_VERSION_MIN = 8

type GroupSurvey = Pick<Sample, 'groups' | 'groupsFrom' | 'commits' | 'shareLags'>
type ByTopic = Record<string, number[]>

/**
 * All groups, their members and what they committed: each broker lists those it coordinates and is then asked for all of them at once, so that
 * nobody has to look for coordinators.
 */
export async function surveyGroups(rounds: BrokerRounds, brokers: Iterable<number>, wanted: RegExp | undefined): Promise<GroupSurvey> {
  const commits: Record<string, ByTopic> = {}
  const shareLags: Record<string, ByTopic> = {}
  const surveyed = await rounds.askAll('groups', brokers, async (link, broker) => {
    const listed = await link.request(listGroups, {}, answerBound)
    if (listed.errorCode !== Errors.NONE) throw new KafkaError(listed.errorCode)
    const groups = listed.groups
      .filter(({ groupId }) => wanted === undefined || wanted.test(groupId))
      .map((each) => ({ id: each.groupId, state: each.groupState, type: typeOf(each.groupType, each.protocolType) }))
    const idsOf = (...types: GroupType[]): string[] => groups.filter(({ type }) => types.includes(type)).map(({ id }) => id)
    const described = await Promise.all([
      describeClassic(link, idsOf('classic')),
      describeConsumers(link, idsOf('consumer')),
      describeShares(link, idsOf('share')),
      fetchCommits(link, idsOf('classic', 'consumer', 'streams'), commits),
      fetchShareOffsets(link, idsOf('share'), commits, shareLags),
    ])
    const details = new Map(described.slice(0, 3).flatMap((each) => [...(each as ReadonlyMap<string, Detail>)]))
    return groups.map(({ id, state, type }): GroupSample => {
      const detail = details.get(id)
      const { epoch = -1, assignor = '', members = null } = detail ?? {}
      return { id, type, state: detail?.state ?? state, coordinator: broker, epoch, assignor, members }
    })
  })
  if (surveyed.size === 0) return { groups: null, groupsFrom: [], commits, shareLags }
  // While a coordinator moves two brokers may list the same group.
  const groups = new Map([...surveyed.values()].flat().map((group) => [group.id, group]))
  return { groups: [...groups.values()].sort((a, b) => (a.id < b.id ? -1 : 1)), groupsFrom: [...surveyed.keys()], commits, shareLags }
}

interface Detail {
  readonly state: string
  readonly epoch: number
  readonly assignor: string
  readonly members: readonly MemberSample[]
}

function typeOf(type: string, protocolType: string): GroupType {
  const name = type.toLowerCase()
  if (name === 'consumer' || name === 'share' || name === 'streams') return name
  return protocolType === 'share' ? 'share' : 'classic'
}

async function describeClassic(link: BrokerLink, groups: readonly string[]): Promise<Map<string, Detail>> {
  if (groups.length === 0) return new Map()
  const answer = await link.request(describeGroups, { groups }, answerBound)
  return new Map(
    answer.groups
      .filter(({ errorCode }) => errorCode === Errors.NONE)
      .map((group): [string, Detail] => {
        const members = group.members.map((each) => ({
          id: each.memberId,
          clientId: each.clientId,
          host: each.clientHost,
          assignment: group.protocolType === 'consumer' ? classicAssignment(each.memberAssignment) : {},
        }))
        return [group.groupId, { state: group.groupState, epoch: -1, assignor: group.protocolData, members }]
      }),
  )
}

function classicAssignment(bytes: Buffer): ByTopic {
  if (bytes.length === 0) return {}
  try {
    const topics: ByTopic = {}
    for (const { topic, partition } of decodeAssignment(bytes).partitions) (topics[topic] ??= []).push(partition)
    return topics
  } catch {
    return {}
  }
}

async function describeConsumers(link: BrokerLink, groupIds: readonly string[]): Promise<Map<string, Detail>> {
  if (groupIds.length === 0) return new Map()
  const answer = await link.request(describeConsumerGroups, { groupIds, includeAuthorizedOperations: false }, answerBound)
  return detailsOf(answer.groups)
}

async function describeShares(link: BrokerLink, groupIds: readonly string[]): Promise<Map<string, Detail>> {
  if (groupIds.length === 0 || !link.supports(Apis.ShareGroupDescribe, 1)) return new Map()
  return detailsOf((await link.request(describeShareGroups, { groupIds, includeAuthorizedOperations: false }, answerBound)).groups)
}

interface DescribedGroup {
  readonly errorCode: number
  readonly groupId: string
  readonly groupState: string
  readonly groupEpoch: number
  readonly assignorName: string
  readonly members: readonly {
    readonly memberId: string
    readonly clientId: string
    readonly clientHost: string
    readonly assignment: { readonly topicPartitions: readonly { readonly topicName: string; readonly partitions: readonly number[] }[] }
  }[]
}

const detailsOf = (groups: readonly DescribedGroup[]): Map<string, Detail> =>
  new Map(
    groups
      .filter(({ errorCode }) => errorCode === Errors.NONE)
      .map((group): [string, Detail] => {
        const members = group.members.map((each) => ({
          id: each.memberId,
          clientId: each.clientId,
          host: each.clientHost,
          assignment: Object.fromEntries(each.assignment.topicPartitions.map(({ topicName, partitions }) => [topicName, partitions])),
        }))
        return [group.groupId, { state: group.groupState, epoch: group.groupEpoch, assignor: group.assignorName, members }]
      }),
  )

async function fetchCommits(link: BrokerLink, groupIds: readonly string[], commits: Record<string, ByTopic>): Promise<void> {
  if (groupIds.length === 0) return
  const version = link.versionOf(Apis.OffsetFetch, 2, NAMED_TOPICS_VERSION_MAX)
  const bounds = { ...answerBound, minVersion: 2, maxVersion: NAMED_TOPICS_VERSION_MAX }
  if (version >= MANY_GROUPS_VERSION_MIN) {
    const answer = await link.request(offsetFetch, { groups: groupIds.map((groupId) => ({ groupId, topics: null })) }, bounds)
    for (const { groupId, errorCode, topics } of answer.groups) if (errorCode === Errors.NONE) commits[groupId] = committedIn(topics)
    return
  }
  const each = async (groupId: string): Promise<void> => {
    const { errorCode, topics } = await link.request(offsetFetch, { groupId, topics: null }, bounds)
    if (errorCode === Errors.NONE) commits[groupId] = committedIn(topics)
  }
  await Promise.all(groupIds.map(each))
}

type CommittedTopics = readonly {
  readonly name: string
  readonly partitions: readonly { readonly partitionIndex: number; readonly committedOffset: number | bigint; readonly errorCode: number }[]
}[]

function committedIn(topics: CommittedTopics): ByTopic {
  const found: ByTopic = {}
  for (const { name, partitions } of topics) {
    const list: number[] = []
    for (const { partitionIndex, committedOffset, errorCode } of partitions) {
      if (errorCode === Errors.NONE && committedOffset >= 0) list.push(partitionIndex, Number(committedOffset))
    }
    if (list.length > 0) found[name] = list
  }
  return found
}

async function fetchShareOffsets(
  link: BrokerLink,
  groupIds: readonly string[],
  commits: Record<string, ByTopic>,
  lags: Record<string, ByTopic>,
): Promise<void> {
  if (groupIds.length === 0 || !link.supports(Apis.DescribeShareGroupOffsets, 0)) return
  const answer = await link.request(shareOffsets, { groups: groupIds.map((groupId) => ({ groupId, topics: null })) }, answerBound)
  for (const { groupId, errorCode, topics } of answer.groups) {
    if (errorCode !== Errors.NONE) continue
    const starts: ByTopic = {}
    const known: ByTopic = {}
    for (const { topicName, partitions } of topics) {
      for (const each of partitions) {
        if (each.errorCode !== Errors.NONE || each.startOffset < 0) continue
        ;(starts[topicName] ??= []).push(each.partitionIndex, each.startOffset)
        if (each.lag >= 0) (known[topicName] ??= []).push(each.partitionIndex, each.lag)
      }
    }
    commits[groupId] = starts
    lags[groupId] = known
  }
}
