import type { ErrorName } from '../protocol/index.ts'
import type { FailedItem } from './fault.ts'

/** What an error means, and what to do next where that is known. */
type Words = readonly [meaning: string, next?: string]

const again = 'It usually passes: try again, with a longer --timeout if it persists.'
const notAllowed = 'Ask for an ACL that allows it, or be someone else with -F FILE or -X sasl.jaas.config=….'
const health = 'See tkafka cluster health.'
const restart = 'The application has to start over.'
const upgrade = 'See tkafka broker api-versions; the brokers or this program are too old for it.'
const lacking =
  'See tkafka broker api-versions: brokers of tkafka do not have all of what Apache Kafka offers yet, and old brokers have less; or the address is that of a controller.'
const internal = 'Brokers and controllers say this to each other: see their logs.'
const whoIsIn = 'See tkafka groups describe --section members.'

const words: Readonly<Record<ErrorName, Words>> = {
  UNKNOWN_SERVER_ERROR: ['the broker failed in a way that has no name; its log says why'],
  NONE: ['nothing failed'],
  OFFSET_OUT_OF_RANGE: ['the partition has no such offset', 'See tkafka topics offsets for what it has.'],
  CORRUPT_MESSAGE: ['the records do not fit their checksum', 'See tkafka storage dump-log on the broker.'],
  UNKNOWN_TOPIC_OR_PARTITION: ['there is no such topic or partition, or none that you may see', 'See tkafka topics list.'],
  INVALID_FETCH_SIZE: ['the fetch asks for an impossible number of bytes'],
  LEADER_NOT_AVAILABLE: ['the partition has no leader now', health],
  NOT_LEADER_OR_FOLLOWER: ['the leader of the partition has moved', again],
  REQUEST_TIMED_OUT: ['the brokers did not finish in time; it may be done all the same', 'Look before you try again.'],
  BROKER_NOT_AVAILABLE: ['the broker is not there', 'See tkafka cluster describe.'],
  REPLICA_NOT_AVAILABLE: ['the broker does not have this partition yet', again],
  MESSAGE_TOO_LARGE: ['the records are larger than the topic takes', 'See max.message.bytes of the topic.'],
  STALE_CONTROLLER_EPOCH: ['the controller has changed', internal],
  OFFSET_METADATA_TOO_LARGE: ['the text beside the committed offset is too long', 'See offset.metadata.max.bytes of the brokers.'],
  NETWORK_EXCEPTION: ['the connection broke'],
  COORDINATOR_LOAD_IN_PROGRESS: ['the coordinator is still reading its state', again],
  COORDINATOR_NOT_AVAILABLE: [
    'no broker coordinates this now',
    'If it persists: see whether __consumer_offsets and __transaction_state have leaders.',
  ],
  NOT_COORDINATOR: ['another broker coordinates this now', again],
  INVALID_TOPIC_EXCEPTION: ['the name is none for a topic', 'Letters, digits, ".", "_" and "-", at most 249.'],
  RECORD_LIST_TOO_LARGE: ['the batch is larger than a segment', 'See segment.bytes of the topic.'],
  NOT_ENOUGH_REPLICAS: ['fewer replicas are in sync than min.insync.replicas; nothing was written', health],
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: ['fewer replicas are in sync than min.insync.replicas; it is written, and may be lost', health],
  INVALID_REQUIRED_ACKS: ['acks must be all, 1 or 0'],
  ILLEGAL_GENERATION: ['the group has rebalanced since', restart],
  INCONSISTENT_GROUP_PROTOCOL: ['the members of the group share no assignor', whoIsIn],
  INVALID_GROUP_ID: ['the name is none for a group'],
  UNKNOWN_MEMBER_ID: ['the group has no such member, or members where nobody was expected', whoIsIn],
  INVALID_SESSION_TIMEOUT: ['the session timeout is out of bounds', 'See group.min.session.timeout.ms and group.max.session.timeout.ms.'],
  REBALANCE_IN_PROGRESS: ['the group is rebalancing', again],
  INVALID_COMMIT_OFFSET_SIZE: ['the offsets are too large to be stored'],
  TOPIC_AUTHORIZATION_FAILED: ['you may not do this with the topic', notAllowed],
  GROUP_AUTHORIZATION_FAILED: ['you may not do this with the group', notAllowed],
  CLUSTER_AUTHORIZATION_FAILED: ['you may not do this in this cluster', notAllowed],
  INVALID_TIMESTAMP: ['the timestamp is too far from now', 'See message.timestamp.before.max.ms and message.timestamp.after.max.ms.'],
  UNSUPPORTED_SASL_MECHANISM: ['the listener does not offer this SASL mechanism', 'See sasl.mechanism, and sasl.enabled.mechanisms there.'],
  ILLEGAL_SASL_STATE: ['the listener did not expect this step of the login', 'Does security.protocol fit the listener?'],
  UNSUPPORTED_VERSION: ['the broker does not know this request in a version that could say it', upgrade],
  TOPIC_ALREADY_EXISTS: [
    'a topic of this name is there already',
    'See tkafka topics describe; to create with --if-not-exists is no failure.',
  ],
  INVALID_PARTITIONS: ['this number of partitions is impossible', 'Partitions can only become more.'],
  INVALID_REPLICATION_FACTOR: ['there are not so many brokers to put replicas on', 'See tkafka cluster describe --include-fenced.'],
  INVALID_REPLICA_ASSIGNMENT: ['the replicas cannot lie on these brokers', 'See tkafka cluster describe.'],
  INVALID_CONFIG: ['a setting is unknown or has a wrong value'],
  NOT_CONTROLLER: ['another node is the controller now', again],
  INVALID_REQUEST: ['the broker cannot make sense of the request'],
  UNSUPPORTED_FOR_MESSAGE_FORMAT: ['the records are of a format that lacks this'],
  POLICY_VIOLATION: [
    'a policy of the cluster forbids it',
    'Whoever runs the brokers knows which: create.topic.policy and alter.config.policy.',
  ],
  OUT_OF_ORDER_SEQUENCE_NUMBER: ['records of this producer are missing in between', restart],
  DUPLICATE_SEQUENCE_NUMBER: ['the records are there already'],
  INVALID_PRODUCER_EPOCH: ['another producer with the same transactional id took over', restart],
  INVALID_TXN_STATE: ['the transaction is in a state that does not allow it', restart],
  INVALID_PRODUCER_ID_MAPPING: ['the transactional id belongs to another producer id by now', restart],
  INVALID_TRANSACTION_TIMEOUT: ['the transaction timeout is too long', 'See transaction.max.timeout.ms of the brokers.'],
  CONCURRENT_TRANSACTIONS: ['the transaction before is still being completed', again],
  TRANSACTION_COORDINATOR_FENCED: ['another broker coordinates the transaction by now', internal],
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: ['you may not use this transactional id', notAllowed],
  SECURITY_DISABLED: [
    'the cluster checks no ACLs',
    'Brokers of Apache Kafka check them once authorizer.class.name is set; those of tkafka have no ACLs yet.',
  ],
  OPERATION_NOT_ATTEMPTED: ['it was not tried, because something else of the same request failed'],
  KAFKA_STORAGE_ERROR: ['the disk of the broker failed', 'See its log and its log directories; the replicas elsewhere go on.'],
  LOG_DIR_NOT_FOUND: ['the broker has no such log directory', 'See tkafka cluster logdirs list.'],
  SASL_AUTHENTICATION_FAILED: ['the login was refused', 'See sasl.mechanism and sasl.jaas.config: user and password.'],
  UNKNOWN_PRODUCER_ID: ['the partition has forgotten this producer', restart],
  REASSIGNMENT_IN_PROGRESS: ['the partition is being moved', 'See tkafka reassign status.'],
  DELEGATION_TOKEN_AUTH_DISABLED: ['the cluster gives no delegation tokens', 'See delegation.token.secret.key of the brokers.'],
  DELEGATION_TOKEN_NOT_FOUND: ['there is no such delegation token'],
  DELEGATION_TOKEN_OWNER_MISMATCH: ['the delegation token belongs to someone else'],
  DELEGATION_TOKEN_REQUEST_NOT_ALLOWED: ['tokens are given only on authenticated connections, and not for tokens'],
  DELEGATION_TOKEN_AUTHORIZATION_FAILED: ['you may not use this delegation token', notAllowed],
  DELEGATION_TOKEN_EXPIRED: ['the delegation token has expired', 'Get a new one.'],
  INVALID_PRINCIPAL_TYPE: ['the principal is of a type that is not known', 'Write User:NAME.'],
  NON_EMPTY_GROUP: ['the group has members', `Stop them first. ${whoIsIn}`],
  GROUP_ID_NOT_FOUND: ['there is no such group', 'See tkafka groups list.'],
  FETCH_SESSION_ID_NOT_FOUND: ['the broker has dropped the fetch session', again],
  INVALID_FETCH_SESSION_EPOCH: ['the fetch session is at another place', again],
  LISTENER_NOT_FOUND: ['the leader has no listener of this name', 'Do all brokers have the same listeners?'],
  TOPIC_DELETION_DISABLED: ['topics may not be deleted here', 'See delete.topic.enable of the brokers.'],
  FENCED_LEADER_EPOCH: ['the partition has a newer leader', again],
  UNKNOWN_LEADER_EPOCH: ['the broker has not heard of this leader yet', again],
  UNSUPPORTED_COMPRESSION_TYPE: ['the codec is not known there', upgrade],
  STALE_BROKER_EPOCH: ['the broker has registered again since', internal],
  OFFSET_NOT_AVAILABLE: ['a new leader does not know the end of the partition yet', again],
  MEMBER_ID_REQUIRED: ['a member needs an id before it joins', again],
  PREFERRED_LEADER_NOT_AVAILABLE: ['the first replica cannot lead now', health],
  GROUP_MAX_SIZE_REACHED: ['the group is full', 'See group.max.size and its like of the brokers.'],
  FENCED_INSTANCE_ID: ['another member took over the same group.instance.id', 'Each member needs one of its own.'],
  ELIGIBLE_LEADERS_NOT_AVAILABLE: ['no replica that is in sync can lead now', health],
  ELECTION_NOT_NEEDED: ['the right replica leads already'],
  NO_REASSIGNMENT_IN_PROGRESS: ['the partition is not being moved', 'See tkafka reassign status.'],
  GROUP_SUBSCRIBED_TO_TOPIC: ['the group consumes the topic now', `Stop its members first. ${whoIsIn}`],
  INVALID_RECORD: ['the topic does not take such a record', 'With cleanup.policy=compact every record needs a key.'],
  UNSTABLE_OFFSET_COMMIT: ['a transaction that moves the offset is still open', again],
  THROTTLING_QUOTA_EXCEEDED: ['the quota for such changes is used up', 'Try again later; see controller_mutation_rate.'],
  PRODUCER_FENCED: ['another producer with the same transactional id took over', restart],
  RESOURCE_NOT_FOUND: ['there is nothing of this name'],
  DUPLICATE_RESOURCE: ['it is named twice'],
  UNACCEPTABLE_CREDENTIAL: ['the credential is not good enough', 'Iterations must be from 4096 to 16384, and no name may be empty.'],
  INCONSISTENT_VOTER_SET: ['the voters of the quorum are others', internal],
  INVALID_UPDATE_VERSION: ['the level of the feature cannot be set', 'See tkafka cluster features describe.'],
  FEATURE_UPDATE_FAILED: ['the features could not be updated', 'The log of the controller says why.'],
  PRINCIPAL_DESERIALIZATION_FAILURE: ['the controller cannot read who asked', 'Do all nodes have the same principal.builder.class?'],
  SNAPSHOT_NOT_FOUND: ['there is no such snapshot', internal],
  POSITION_OUT_OF_RANGE: ['the snapshot has no such position', internal],
  UNKNOWN_TOPIC_ID: ['there is no topic with this id', 'It was deleted, perhaps created anew: see tkafka topics list -o wide.'],
  DUPLICATE_BROKER_REGISTRATION: ['another process runs with the same node.id', 'Each node needs one of its own.'],
  BROKER_ID_NOT_REGISTERED: ['no broker with this id is registered', 'See tkafka cluster describe --include-fenced.'],
  INCONSISTENT_TOPIC_ID: ['the topic was deleted and created anew', again],
  INCONSISTENT_CLUSTER_ID: ['the node belongs to another cluster', 'See tkafka storage info.'],
  TRANSACTIONAL_ID_NOT_FOUND: ['there is no such transactional id'],
  FETCH_SESSION_TOPIC_ID_ERROR: ['the fetch session mixes names and ids of topics', again],
  INELIGIBLE_REPLICA: ['the replica may not be in sync now', internal],
  NEW_LEADER_ELECTED: ['the change made another replica the leader', internal],
  OFFSET_MOVED_TO_TIERED_STORAGE: ['the offset lies in remote storage only'],
  FENCED_MEMBER_EPOCH: ['the group has moved on without this member', restart],
  UNRELEASED_INSTANCE_ID: ['a member with the same group.instance.id is still in the group', 'Each member needs one of its own.'],
  UNSUPPORTED_ASSIGNOR: ['the brokers do not have this assignor', 'See group.consumer.assignors of the brokers.'],
  STALE_MEMBER_EPOCH: ['the group has moved on since', again],
  MISMATCHED_ENDPOINT_TYPE: ['this is the address of a controller, not of a broker', 'Name a broker with -b.'],
  UNSUPPORTED_ENDPOINT_TYPE: ['the node does not know this kind of address', upgrade],
  UNKNOWN_CONTROLLER_ID: ['there is no controller with this id'],
  UNKNOWN_SUBSCRIPTION_ID: ['the metrics that are subscribed to have changed', again],
  TELEMETRY_TOO_LARGE: ['the metrics are too large', 'See telemetry.max.bytes of the brokers.'],
  INVALID_REGISTRATION: ['the controller refuses the registration', internal],
  TRANSACTION_ABORTABLE: ['the transaction has to be aborted', restart],
  INVALID_RECORD_STATE: ['the record is not held by this member any more'],
  SHARE_SESSION_NOT_FOUND: ['the broker has dropped the share session', again],
  INVALID_SHARE_SESSION_EPOCH: ['the share session is at another place', again],
  FENCED_STATE_EPOCH: ['the state of the share group is newer', again],
  INVALID_VOTER_KEY: ['the voter has another directory id', 'See tkafka storage info on that node.'],
  DUPLICATE_VOTER: ['it is a voter already', 'See tkafka cluster quorum status.'],
  VOTER_NOT_FOUND: ['there is no such voter', 'See tkafka cluster quorum status.'],
  INVALID_REGULAR_EXPRESSION: ['the brokers cannot read the regular expression', 'It must be one of RE2.'],
  REBOOTSTRAP_REQUIRED: ['the brokers that are known are not part of the cluster any more', 'Check bootstrap.servers.'],
  STREAMS_INVALID_TOPOLOGY: ['the topology of the streams application cannot run', 'Its log says why.'],
  STREAMS_INVALID_TOPOLOGY_EPOCH: ['the topology of the streams application has another epoch', restart],
  STREAMS_TOPOLOGY_FENCED: ['the streams application runs with a newer topology', restart],
  SHARE_SESSION_LIMIT_REACHED: ['the broker has too many share sessions', again],
}

/** What brokers say of a topic that there is not. */
const notHosted = 'This server does not host this topic-partition.'

/** The failure in words, where the broker sent a code alone. What it did say stays. */
export function inWords(failure: FailedItem): FailedItem {
  const { name, message } = failure
  const known = name === null ? undefined : words[name as ErrorName]
  if (known === undefined) return failure
  if (message === '' || message === name || message === notHosted) return { ...failure, message: known[0] }
  return message.endsWith(`: ${name}`) ? { ...failure, message: `${message.slice(0, -name!.length)}${known[0]}` } : failure
}

/** What to do next; empty when nobody can know. */
export function nextStep({ name, message }: FailedItem): string {
  // Which partitions there are is said already.
  if (name === 'UNSUPPORTED_VERSION' && message.endsWith(' does not offer it')) return lacking
  if (name === null || / has no partition \d/.test(message)) return ''
  return words[name as ErrorName]?.[1] ?? ''
}
