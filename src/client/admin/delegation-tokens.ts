import { Apis } from '../../protocol/index.ts'
import { CreateDelegationTokenRequest, CreateDelegationTokenResponse } from '../../protocol/messages/create-delegation-token.ts'
import { DescribeDelegationTokenRequest, DescribeDelegationTokenResponse } from '../../protocol/messages/describe-delegation-token.ts'
import { ExpireDelegationTokenRequest, ExpireDelegationTokenResponse } from '../../protocol/messages/expire-delegation-token.ts'
import { RenewDelegationTokenRequest, RenewDelegationTokenResponse } from '../../protocol/messages/renew-delegation-token.ts'
import { call } from '../call.ts'
import { throwIfError } from '../client-error.ts'
import { type AdminContext, type AdminOptions, askAny } from './routes.ts'

const createCall = call(Apis.CreateDelegationToken, CreateDelegationTokenRequest, CreateDelegationTokenResponse)
const renewCall = call(Apis.RenewDelegationToken, RenewDelegationTokenRequest, RenewDelegationTokenResponse)
const expireCall = call(Apis.ExpireDelegationToken, ExpireDelegationTokenRequest, ExpireDelegationTokenResponse)
const describeCall = call(Apis.DescribeDelegationToken, DescribeDelegationTokenRequest, DescribeDelegationTokenResponse)

export interface TokenPrincipal {
  readonly principalType: string
  readonly principalName: string
}

/** A secret that stands for its owner until it expires (KIP-48); times in milliseconds since 1970. */
export interface DelegationToken {
  readonly tokenId: string
  readonly hmac: Uint8Array
  readonly owner: TokenPrincipal
  readonly requester: TokenPrincipal
  readonly renewers: readonly TokenPrincipal[]
  readonly issueTimeMs: number
  readonly expiryTimeMs: number
  readonly maxTimeMs: number
}

export interface NewToken {
  /** Without: whoever asks. */
  readonly owner?: TokenPrincipal
  readonly renewers: readonly TokenPrincipal[]
  /** -1: as long as the cluster allows. */
  readonly maxLifetimeMs: number
}

/** @throws ClientError */
export async function createDelegationToken(admin: AdminContext, token: NewToken, options: AdminOptions = {}): Promise<DelegationToken> {
  const { owner, renewers, maxLifetimeMs } = token
  const answer = await askAny(
    admin,
    createCall,
    (version) => ({
      renewers: [...renewers],
      maxLifetimeMs,
      ...(version >= 3 && { ownerPrincipalType: owner?.principalType ?? null, ownerPrincipalName: owner?.principalName ?? null }),
    }),
    { ...options, minVersion: owner === undefined ? 1 : 3 },
    ({ errorCode }) => throwIfError(errorCode, null, 'CreateDelegationToken'),
  )
  const { tokenId, hmac, principalType, principalName } = answer
  const own = { principalType, principalName }
  const requester = { principalType: answer.tokenRequesterPrincipalType, principalName: answer.tokenRequesterPrincipalName }
  return {
    ...{ tokenId, hmac, owner: own, requester: requester.principalType === '' ? own : requester, renewers },
    issueTimeMs: Number(answer.issueTimestampMs),
    expiryTimeMs: Number(answer.expiryTimestampMs),
    maxTimeMs: Number(answer.maxTimestampMs),
  }
}

/** When the token expires now. `periodMs` -1: as the cluster has it. @throws ClientError */
export async function renewDelegationToken(
  admin: AdminContext,
  hmac: Uint8Array,
  periodMs: number,
  options: AdminOptions = {},
): Promise<number> {
  const answer = await askAny(admin, renewCall, { hmac, renewPeriodMs: periodMs }, options, ({ errorCode }) =>
    throwIfError(errorCode, null, 'RenewDelegationToken'),
  )
  return Number(answer.expiryTimestampMs)
}

/** When the token expires now. `periodMs` below 0: at once, and it is gone. @throws ClientError */
export async function expireDelegationToken(
  admin: AdminContext,
  hmac: Uint8Array,
  periodMs: number,
  options: AdminOptions = {},
): Promise<number> {
  const answer = await askAny(admin, expireCall, { hmac, expiryTimePeriodMs: periodMs }, options, ({ errorCode }) =>
    throwIfError(errorCode, null, 'ExpireDelegationToken'),
  )
  return Number(answer.expiryTimestampMs)
}

/** Tokens of these owners; null: all that whoever asks may see. @throws ClientError */
export async function describeDelegationTokens(
  admin: AdminContext,
  owners: readonly TokenPrincipal[] | null,
  options: AdminOptions = {},
): Promise<DelegationToken[]> {
  const answer = await askAny(admin, describeCall, { owners: owners === null ? null : [...owners] }, options, ({ errorCode }) =>
    throwIfError(errorCode, null, 'DescribeDelegationToken'),
  )
  return answer.tokens.map((each) => {
    const owner = { principalType: each.principalType, principalName: each.principalName }
    const requester = { principalType: each.tokenRequesterPrincipalType, principalName: each.tokenRequesterPrincipalName }
    return {
      ...{ tokenId: each.tokenId, hmac: each.hmac, owner, requester: requester.principalType === '' ? owner : requester },
      renewers: each.renewers,
      issueTimeMs: Number(each.issueTimestamp),
      expiryTimeMs: Number(each.expiryTimestamp),
      maxTimeMs: Number(each.maxTimestamp),
    }
  })
}
