import { createHash, createHmac } from 'node:crypto'
import { type MetadataImage, type MetadataRecord, metadataRecord, supportsScram } from '../metadata/index.ts'
import { Errors } from '../protocol/index.ts'
import type {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
} from '../protocol/messages/alter-user-scram-credentials.ts'
import type {
  DescribeUserScramCredentialsRequest,
  DescribeUserScramCredentialsResponse,
} from '../protocol/messages/describe-user-scram-credentials.ts'
import type { ControllerState } from './state.ts'
import { type ApiError, apiError, type Decision, errorFields } from './types.ts'

type Upsertion = AlterUserScramCredentialsRequest['upsertions'][number]
type Deletion = AlterUserScramCredentialsRequest['deletions'][number]

const isUpsertion = (one: Upsertion | Deletion): one is Upsertion => 'saltedPassword' in one

/** By Kafka's ids of mechanisms: SCRAM-SHA-256 and SCRAM-SHA-512. */
const hashes: ReadonlyMap<number, string> = new Map([
  [1, 'sha256'],
  [2, 'sha512'],
])
const ITERATIONS_MIN = 4096
const ITERATIONS_MAX = 16384

/** AlterUserScramCredentials (KIP-554). A user that the request names twice is left alone. Only derived keys go into the log. */
export const alterUserScramCredentials = (
  state: ControllerState,
  request: AlterUserScramCredentialsRequest,
): Decision<AlterUserScramCredentialsResponse> => {
  const asked = [...request.deletions, ...request.upsertions]
  const results = new Map<string, ApiError | undefined>()
  const records = new Map<string, MetadataRecord>()
  const twice = apiError(Errors.DUPLICATE_RESOURCE, 'A user credential cannot be altered twice in the same request')
  for (const one of asked) {
    const { name } = one
    // The first error of a user stands; a second change of a user that had none undoes the first.
    if (results.has(name)) {
      if (results.get(name) === undefined) results.set(name, twice)
      records.delete(name)
      continue
    }
    const problem = credentialProblem(state, one)
    results.set(name, problem)
    if (problem === undefined) records.set(name, isUpsertion(one) ? upsertionRecord(one) : deletionRecord(one))
  }
  return {
    records: [...records.values()],
    answer: { throttleTimeMs: 0, results: [...results].map(([user, error]) => ({ user, ...errorFields(error) })) },
  }
}

const credentialProblem = (state: ControllerState, one: Upsertion | Deletion): ApiError | undefined => {
  if (!supportsScram(state.metadataVersion))
    return apiError(Errors.UNSUPPORTED_VERSION, 'The current metadata.version does not support SCRAM')
  if (one.name === '') return apiError(Errors.UNACCEPTABLE_CREDENTIAL, 'Username must not be empty')
  if (!hashes.has(one.mechanism)) return apiError(Errors.UNSUPPORTED_SASL_MECHANISM, 'Unknown SCRAM mechanism')
  if (!isUpsertion(one)) {
    const exists = state.image.scram.get(one.mechanism, one.name) !== undefined
    return exists ? undefined : apiError(Errors.RESOURCE_NOT_FOUND, 'Attempt to delete a user credential that does not exist')
  }
  if (one.iterations < ITERATIONS_MIN) return apiError(Errors.UNACCEPTABLE_CREDENTIAL, 'Too few iterations')
  if (one.iterations > ITERATIONS_MAX) return apiError(Errors.UNACCEPTABLE_CREDENTIAL, 'Too many iterations')
  return undefined
}

const deletionRecord = ({ name, mechanism }: Deletion): MetadataRecord =>
  metadataRecord('RemoveUserScramCredentialRecord', 0, { name, mechanism })

/** RFC 5802: StoredKey = H(HMAC(SaltedPassword, "Client Key")), ServerKey = HMAC(SaltedPassword, "Server Key"). */
const upsertionRecord = ({ name, mechanism, salt, saltedPassword, iterations }: Upsertion): MetadataRecord => {
  const hash = hashes.get(mechanism)!
  const hmac = (text: string): Buffer => createHmac(hash, saltedPassword).update(text).digest()
  const storedKey = createHash(hash).update(hmac('Client Key')).digest()
  // The request's buffers are views of a frame that is about to be reused.
  return metadataRecord('UserScramCredentialRecord', 0, {
    name,
    mechanism,
    salt: Buffer.from(salt),
    storedKey,
    serverKey: hmac('Server Key'),
    iterations,
  })
}

/** As Kafka leaves these fields when it has nothing to say. */
const noError = { errorCode: Errors.NONE, errorMessage: '' }

/** DescribeUserScramCredentials, from any image. Without users: all. */
export const describeUserScramCredentials = (
  image: MetadataImage,
  { users }: DescribeUserScramCredentialsRequest,
): DescribeUserScramCredentialsResponse => {
  const counts = new Map<string, number>()
  if (users === null || users.length === 0)
    for (const credentials of image.scram.byMechanism.values()) for (const user of credentials.keys()) counts.set(user, 1)
  else for (const { name } of users) counts.set(name, (counts.get(name) ?? 0) + 1)
  const results = [...counts].map(([user, count]) => {
    if (count > 1) {
      const message = `Cannot describe SCRAM credentials for the same user twice in a single request: ${user}`
      return { user, ...errorFields(apiError(Errors.DUPLICATE_RESOURCE, message)), credentialInfos: [] }
    }
    const credentialInfos = [...image.scram.byMechanism].flatMap(([mechanism, credentials]) => {
      const credential = credentials.get(user)
      return credential === undefined ? [] : [{ mechanism, iterations: credential.iterations }]
    })
    const message = `Attempt to describe a user credential that does not exist: ${user}`
    const error = credentialInfos.length > 0 ? undefined : apiError(Errors.RESOURCE_NOT_FOUND, message)
    return { user, ...(error === undefined ? noError : errorFields(error)), credentialInfos }
  })
  return { throttleTimeMs: 0, ...noError, results }
}
