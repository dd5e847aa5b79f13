import type { Admin, AdminOptions, BrokerVersions } from '../../client/index.ts'
import { KafkaError } from '../../protocol/index.ts'
import { clusterHealth, type HealthCheck, type HealthOptions } from '../cluster-health.ts'
import { type Finding, ill, ok } from './finding.ts'

export interface ClusterCheckOptions extends HealthOptions {
  readonly skewMsMax: number
  /** Share of a disk, 0 to 1. */
  readonly diskShareMax: number
}

type Remedy = { readonly cause: string; readonly next: string }

/** What a cluster says of itself. What cannot be found out is told, and keeps nothing else from being looked at. */
export async function checkCluster(admin: Admin, options: ClusterCheckOptions): Promise<Finding[]> {
  const [versions, disks, topics] = await Promise.all([
    orUnknown('versions', () => versionFindings(admin, options)),
    orUnknown('disks', () => diskFindings(admin, options)),
    orUnknown('internal-topics', () => internalTopicFindings(admin, options)),
  ])
  // The quorum last: while nobody leads it there is no answer, and what comes after it on the connection waits as long.
  const clock = await orUnknown('clock', () => clockFindings(admin, options))
  const health = await orUnknown('quorum', async () => (await clusterHealth(admin, options)).map(healthFinding))
  return [...versions, ...clock, ...disks, ...topics, ...health]
}

async function orUnknown(check: Finding['check'], look: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look()
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    return [
      ill(check, '', error.message, { cause: 'It could not be found out.', next: (error as { hint?: string }).hint ?? '' }, 'unknown'),
    ]
  }
}

const remedies: Readonly<Record<HealthCheck['check'], Remedy>> = {
  quorum: {
    cause: 'No controller leads, or voters are behind or silent.',
    next: 'See tkafka cluster quorum status, and tkafka broker status on the nodes concerned: more than half of the voters must run.',
  },
  brokers: {
    cause: 'These brokers do not run, or cannot reach the active controller.',
    next: 'Start them, or look at their logs; tkafka broker unregister for one that will not come back.',
  },
  offline: {
    cause: 'No replica that is in sync can lead: the brokers that have them are gone, or their disks are.',
    next: 'Bring those brokers back. tkafka topics describe --unavailable names them; topics elect-leaders --type unclean loses records.',
  },
  'under-min-isr': {
    cause: 'Fewer replicas are in sync than min.insync.replicas: producers with acks=all are refused.',
    next: 'Bring the missing brokers back; see tkafka topics describe --under-min-isr.',
  },
  'under-replicated': {
    cause: 'Brokers are down, just back, or too slow to follow.',
    next: 'See tkafka topics describe --under-replicated for which, and whether a broker is common to all.',
  },
}

const NAMES_MAX = 5

function healthFinding({ check, healthy, detail, concerned }: HealthCheck): Finding {
  if (healthy) return ok(check, '', detail)
  const more = concerned.length > NAMES_MAX ? `, …${concerned.length - NAMES_MAX} more` : ''
  const names = concerned.length === 0 ? '' : `: ${concerned.slice(0, NAMES_MAX).join(', ')}${more}`
  return ill(check, '', `${detail}${names}`, remedies[check])
}

/** Brokers of one cluster that offer different things are of different versions. */
async function versionFindings(admin: Admin, options: AdminOptions): Promise<Finding[]> {
  const answers = (await admin.describeApiVersions(options)).flatMap(({ item, value }) =>
    value === null ? [] : [{ broker: item, apis: value }],
  )
  const kinds = Map.groupBy(answers, ({ apis }) =>
    JSON.stringify(apis.map(({ key, versions }) => [key, versions.lowest, versions.highest])),
  )
  const groups = [...kinds.values()].map((list) => list.map(({ broker }) => broker))
  const versions =
    groups.length <= 1
      ? ok(
          'versions',
          '',
          `${answers.length === 1 ? 'one broker' : `${answers.length} brokers offer the same`}, ${answers[0]?.apis.length ?? 0} APIs`,
        )
      : ill(
          'versions',
          '',
          `${groups.length} versions: brokers ${groups.map((list) => list.join(',')).join(' / ')}`,
          {
            cause: 'An upgrade is under way, or has stopped in the middle.',
            next: 'Bring all brokers to the same version, then see tkafka cluster features describe. What differs: tkafka broker api-versions.',
          },
          'warning',
        )
  const features = await admin.describeFeatures(options)
  return [versions, ...featureFindings(features)]
}

function featureFindings({
  supportedFeatures,
  finalizedFeatures,
}: Pick<BrokerVersions, 'supportedFeatures' | 'finalizedFeatures'>): Finding[] {
  const name = 'metadata.version'
  const level = finalizedFeatures.find((each) => each.name === name)?.maxVersion
  const max = supportedFeatures.find((each) => each.name === name)?.maxVersion
  if (level === undefined || max === undefined) return []
  if (level >= max) return [ok('features', '', `${name} is at ${level}, the highest that the brokers know`)]
  const remedy = {
    cause: 'After an upgrade the level stays until somebody raises it: newer functions are not used.',
    next: 'When all brokers run the new version: tkafka cluster features upgrade -r RELEASE --dry-run.',
  }
  return [ill('features', '', `${name} is at ${level}, and the brokers know ${max}`, remedy, 'warning')]
}

/** Of the brokers' clocks the protocol tells one: the leader of the quorum says when it answers. */
async function clockFindings(admin: Admin, options: ClusterCheckOptions): Promise<Finding[]> {
  const { clock } = admin.cluster.host
  const startedMs = clock.now()
  const { leaderId, voters } = await admin.describeQuorum(options)
  const endedMs = clock.now()
  const leader = voters.find(({ replicaId }) => replicaId === leaderId)
  const theirs = Number(leader?.lastCaughtUpTimestamp ?? -1)
  const of = `controller ${leaderId}`
  if (theirs <= 0)
    return [ill('clock', of, 'it does not tell its time', { cause: 'It is of a version that does not.', next: '' }, 'unknown')]
  // It looked at its clock between our two looks: by so much, at least, it is off.
  const skewMs = theirs < startedMs ? theirs - startedMs : theirs > endedMs ? theirs - endedMs : 0
  const text = `${Math.abs(skewMs)} ms ${skewMs < 0 ? 'behind' : 'ahead of'} this machine`
  if (Math.abs(skewMs) <= options.skewMsMax) return [ok('clock', of, skewMs === 0 ? 'as the clock of this machine' : text)]
  const remedy = {
    cause: 'One of the two clocks is wrong. Certificates, tokens, timestamps of records and retention by time go by them.',
    next: 'Have both machines take their time from NTP: timedatectl, chronyc tracking.',
  }
  return [ill('clock', of, text, remedy)]
}

async function diskFindings(admin: Admin, options: ClusterCheckOptions): Promise<Finding[]> {
  const answers = await admin.describeLogDirs({ ...options, partitions: [] })
  return answers.flatMap(({ item: broker, error, value }): Finding[] => {
    const of = `broker ${broker}`
    if (error !== null)
      return [
        ill(
          'disks',
          of,
          error.message,
          { cause: 'The broker did not tell of its log directories.', next: 'See tkafka cluster logdirs list.' },
          'unknown',
        ),
      ]
    return value.map(({ path, errorCode, totalBytes, usableBytes }) => {
      if (errorCode !== 0) {
        const next =
          'See the log of the broker and the disk itself; replace it, and restart the broker: replicas come back from the others.'
        return ill('disks', of, `${path} is offline`, { cause: 'The disk failed, or was taken away.', next })
      }
      if (totalBytes <= 0) return ok('disks', of, `${path}: room not told`)
      const share = 1 - usableBytes / totalBytes
      const found = `${path}: ${Math.round(share * 100)} % full, ${Math.floor(usableBytes / 2 ** 20)} MiB left`
      if (share <= options.diskShareMax) return ok('disks', of, found)
      const next =
        'Shorten retention (tkafka topics alter --set retention.ms=…), trim topics, move replicas (tkafka reassign plan --balance size), or add room.'
      return ill('disks', of, found, { cause: 'A broker whose disk is full takes its log directory offline.', next })
    })
  })
}

const coordinating = ['__consumer_offsets', '__transaction_state', '__share_group_state']

/** What coordinates everything else must outlive a broker. */
async function internalTopicFindings(admin: Admin, options: AdminOptions): Promise<Finding[]> {
  const [{ nodes }, topics] = await Promise.all([admin.describeCluster(options), admin.listTopics({ ...options, includeInternal: true })])
  const wanted = Math.min(3, nodes.length)
  const present = topics.filter(({ name }) => coordinating.includes(name))
  const few = present.filter(({ replicationFactor }) => replicationFactor < wanted)
  if (few.length === 0) return present.length === 0 ? [] : [ok('internal-topics', '', `${present.length}, of ${wanted} or more replicas`)]
  const found = few.map(
    ({ name, replicationFactor }) => `${name} has ${replicationFactor === 1 ? 'one replica' : `${replicationFactor} replicas`}`,
  )
  const remedy = {
    cause:
      'They were made when the cluster was smaller: while a broker is down, the groups or transactions that it coordinates stand still.',
    next: `tkafka topics alter ${few.map(({ name }) => name).join(' ')} --replication-factor ${wanted}`,
  }
  return [ill('internal-topics', '', found.join(', '), remedy, 'warning')]
}
