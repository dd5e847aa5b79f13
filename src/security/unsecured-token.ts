import { invalidSecurity } from './security-error.ts'

const prefix = 'unsecuredLogin'
const reserved = ['exp', 'iat']

/**
 * The token that nobody signed, of Kafka's default login for OAUTHBEARER (KIP-255): its claims are options of the login module. For
 * brokers that are not in production. @throws SecurityError
 */
export function unsecuredToken(options: ReadonlyMap<string, string>, nowMs: number): string {
  const lifetime = options.get(`${prefix}LifetimeSeconds`) ?? '3600'
  if (!/^[+-]?\d+$/.test(lifetime)) throw invalidSecurity(`sasl.jaas.config: ${prefix}LifetimeSeconds is not a whole number`)
  const claims: Record<string, unknown> = { exp: nowMs / 1000 + Number(lifetime), iat: nowMs / 1000 }
  for (const [key, value] of options) {
    const [, kind, claim] = /^unsecuredLogin(String|Number|List)Claim_(.+)$/.exec(key) ?? []
    if (claim === undefined) continue
    if (reserved.includes(claim)) throw invalidSecurity(`sasl.jaas.config: the claim ${claim} cannot be set, it is made from the time`)
    claims[claim] = kind === 'String' ? value : kind === 'List' ? listClaim(value) : numberClaim(key, value)
  }
  const principal = options.get(`${prefix}PrincipalClaimName`)?.trim() || 'sub'
  const name = claims[principal]
  if (typeof name !== 'string' || name === '')
    throw invalidSecurity(
      `sasl.jaas.config gives OAUTHBEARER no token: the claim ${principal} is missing`,
      `Set sasl.oauthbearer.token.endpoint.url to where tokens are given, or to the file: URL of one; or, for tests, ${prefix}StringClaim_${principal}="alice" in sasl.jaas.config.`,
    )
  return `${base64url({ alg: 'none' })}.${base64url(claims)}.`
}

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

function numberClaim(key: string, value: string): number {
  const number = value.trim() === '' ? Number.NaN : Number(value)
  if (!Number.isFinite(number)) throw invalidSecurity(`sasl.jaas.config: ${key} is not a number`)
  return number
}

/** The first character parts the others: `|one|two`. */
const listClaim = (value: string): string[] => (value.length <= 1 ? [] : value.slice(1).split(value.charAt(0)))
