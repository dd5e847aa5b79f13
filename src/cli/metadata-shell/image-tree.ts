import {
  ConfigResourceTypes,
  KRAFT_VERSION,
  METADATA_VERSION,
  type MetadataImage,
  metadataVersionName,
  type QuotaEntity,
  type TopicImage,
} from '../../metadata/index.ts'
import { version } from '../version.ts'
import type { LoadedMetadata } from './load-metadata.ts'
import { type Folder, fixedFolder, folder, type Link, leaf, type ShellNode } from './node.ts'

const link = (target: string): Link => ({ kind: 'link', target })

/**
 * The layout of kafka-metadata-shell, `/image` and `/local`; beside them what the log says of its quorum, and short ways to what is looked
 * for most often.
 */
export function metadataTree({ image, quorum, source, unread }: LoadedMetadata): Folder {
  return fixedFolder({
    image: imageFolder(image),
    quorum: fixedFolder({
      [KRAFT_VERSION]: leaf(quorum.kraftVersion),
      voters: byId(new Map(quorum.voters.map((voter) => [voter.id, voter])), leaf),
    }),
    local: fixedFolder({ version: leaf(version), source: leaf(source), unread: leaf(unread) }),
    brokers: link('/image/cluster/brokers'),
    controllers: link('/image/cluster/controllers'),
    topics: link('/image/topics/byName'),
    topicIds: link('/image/topics/byId'),
    configs: link('/image/configs'),
    features: link('/image/features'),
  })
}

function imageFolder(image: MetadataImage): Folder {
  const { offset, epoch, timestampMs } = image.provenance
  return fixedFolder({
    provenance: leaf({ offset, epoch, time: timestampMs < 0 ? null : new Date(timestampMs).toISOString() }),
    features: featuresFolder(image),
    cluster: fixedFolder({ brokers: byId(image.brokers, leaf), controllers: byId(image.controllers, leaf) }),
    topics: fixedFolder({ byName: byKey(image.topicsByName, topicFolder), byId: byKey(image.topicsById, topicFolder) }),
    configs: configsFolder(image),
    clientQuotas: quotasFolder(image),
    producerIds: fixedFolder({ nextProducerId: leaf(image.nextProducerId) }),
    acls: fixedFolder({ byId: byKey(image.acls, leaf) }),
    scram: fixedFolder(
      Object.fromEntries(
        ['SCRAM-SHA-256', 'SCRAM-SHA-512'].map((name, index) => [name, byKey(image.scram.byMechanism.get(index + 1) ?? new Map(), leaf)]),
      ),
    ),
    delegationToken: byKey(image.delegationTokens, leaf),
  })
}

/** A slash in a name would part it. */
const byKey = <V>(entries: ReadonlyMap<string, V>, nodeOf: (value: V) => ShellNode): Folder =>
  folder(
    () => [...entries.keys()].map((name) => name.replaceAll('/', '%2F')),
    (word) => {
      const name = entries.has(word) ? word : word.replaceAll('%2F', '/')
      return entries.has(name) ? nodeOf(entries.get(name)!) : undefined
    },
  )

const byId = <V>(entries: ReadonlyMap<number, V>, nodeOf: (value: V) => ShellNode): Folder =>
  byKey(new Map([...entries].map(([id, value]) => [String(id), value])), nodeOf)

function topicFolder({ name, id, partitions }: TopicImage): Folder {
  return folder(
    () => ['name', 'id', ...[...partitions.keys()].map(String)],
    (word) => {
      if (word === 'name') return leaf(name)
      if (word === 'id') return leaf(id)
      const partition = /^\d+$/.test(word) ? partitions.get(Number(word)) : undefined
      return partition === undefined ? undefined : leaf(partition)
    },
  )
}

function featuresFolder({ features }: MetadataImage): Folder {
  const prefix = 'finalized_'
  const others = [...features].filter(([name]) => name !== METADATA_VERSION)
  return fixedFolder({
    metadataVersion: leaf(metadataVersionName(features.get(METADATA_VERSION) ?? 0)),
    ...Object.fromEntries(others.map(([name, level]) => [`${prefix}${name}`, leaf(level)])),
  })
}

const configTypeNames = new Map<number, string>(Object.entries(ConfigResourceTypes).map(([name, type]) => [type, name]))

/** `TOPIC:orders`; the type alone is the default of all. */
function configsFolder({ configs }: MetadataImage): Folder {
  const entries = [...configs.entries()].map(([{ type, name }, values]) => {
    const typeName = configTypeNames.get(type) ?? String(type)
    return [name === '' ? typeName : `${typeName}:${name}`, values] as const
  })
  return byKey(new Map(entries), (values) => byKey(values, leaf))
}

function quotasFolder({ clientQuotas }: MetadataImage): Folder {
  const entries = [...clientQuotas.values()].map(({ entity, quotas }) => [entityName(entity), quotas] as const)
  return byKey(new Map(entries), (quotas) => byKey(quotas, leaf))
}

/** `clientId(a)_user(b)`; without parentheses: the default of its kind. */
function entityName(entity: QuotaEntity): string {
  const words = [
    ['client-id', 'clientId'],
    ['ip', 'ip'],
    ['user', 'user'],
  ].flatMap(([type, word]) => {
    const name = entity.get(type!)
    if (name === undefined) return []
    return [name === null ? word! : `${word}(${name.replace(/[\\()]/g, '\\$&')})`]
  })
  return words.join('_')
}
