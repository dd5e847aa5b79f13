import { type ErrorCode, Errors, errorName } from './errors.ts'

const NOT_LEADER =
  'For requests intended only for the leader, this error indicates that the broker is not the current leader. ' +
  'For requests intended for any replica, this error indicates that the broker is not a replica of the topic partition.'

/** What Kafka 4.3.1 puts into an answer for an error of which it has no more to say, as far as it does so for what is answered here. */
const texts = new Map<ErrorCode, string>([
  [Errors.UNKNOWN_TOPIC_OR_PARTITION, 'This server does not host this topic-partition.'],
  [Errors.COORDINATOR_NOT_AVAILABLE, 'The coordinator is not available.'],
  [Errors.NOT_LEADER_OR_FOLLOWER, NOT_LEADER],
  [Errors.TOPIC_AUTHORIZATION_FAILED, 'Topic authorization failed.'],
  [Errors.GROUP_AUTHORIZATION_FAILED, 'Group authorization failed.'],
  [Errors.CLUSTER_AUTHORIZATION_FAILED, 'Cluster authorization failed.'],
  [
    Errors.INVALID_REQUEST,
    'This most likely occurs because of a request being malformed by the client library or the message was sent to an incompatible broker. ' +
      'See the broker logs for more details.',
  ],
  [Errors.PREFERRED_LEADER_NOT_AVAILABLE, 'The preferred leader was not available.'],
  [Errors.ELIGIBLE_LEADERS_NOT_AVAILABLE, 'Eligible topic partition leaders are not available.'],
  [Errors.ELECTION_NOT_NEEDED, 'Leader election not needed for topic partition.'],
  [Errors.UNKNOWN_TOPIC_ID, 'This server does not host this topic ID.'],
])

/** The text of an error, or its name; NONE has its name for a text, as in Kafka. */
export const errorText = (code: ErrorCode): string => texts.get(code) ?? errorName(code)
