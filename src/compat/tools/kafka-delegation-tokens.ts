import type { Admin, DelegationToken, TokenPrincipal } from '../../client/index.ts'
import { loadProperties, withAdmin } from '../admin-session.ts'
import { options } from '../declared/kafka-delegation-tokens.ts'
import { answered } from '../java/client-failure.ts'
import { illegalArgument } from '../java/exception.ts'
import { padded } from '../java/padded.ts'
import { CommandLine } from '../options/command-line.ts'
import { guarded, messageAndTrace, type Tool } from '../tool.ts'

export const kafkaDelegationTokens: Tool = (args, io) =>
  guarded(async () => {
    const line = CommandLine.parse(options, args, io)
    line.helpOrVersion('This tool helps to create, renew, expire, or describe delegation tokens.')
    if (line.count('create', 'renew', 'expire', 'describe') !== 1)
      line.usage('Command must include exactly one action: --create, --renew, --expire or --describe')
    checkArguments(line)
    const file = await loadProperties(io, line.required('command-config'))
    await withAdmin(io, { ...file, 'bootstrap.servers': line.required('bootstrap-server') }, async (admin) => {
      if (line.has('create')) await create(line, admin)
      else if (line.has('renew')) await renew(line, admin)
      else if (line.has('expire')) await expire(line, admin)
      else await describe(line, admin)
    })
    return 0
  }, messageAndTrace(io))

function checkArguments(line: CommandLine): void {
  line.checkRequired('bootstrap-server', 'command-config')
  if (line.has('create')) line.checkRequired('max-life-time-period')
  if (line.has('renew')) line.checkRequired('hmac', 'renew-time-period')
  if (line.has('expire')) line.checkRequired('hmac', 'expiry-time-period')
  line.checkInvalid('create', 'hmac', 'renew-time-period', 'expiry-time-period')
  line.checkInvalid('renew', 'renewer-principal', 'max-life-time-period', 'expiry-time-period', 'owner-principal')
  line.checkInvalid('expire', 'renew', 'max-life-time-period', 'renew-time-period', 'owner-principal')
  line.checkInvalid('describe', 'renew-time-period', 'max-life-time-period', 'hmac', 'expiry-time-period')
}

async function create(line: CommandLine, admin: Admin): Promise<void> {
  const renewers = principalsOf(line, 'renewer-principal')
  const maxLifetimeMs = Number(line.required('max-life-time-period'))
  line.io.out(`Calling create token operation with renewers :${listText(renewers)} , max-life-time-period :${maxLifetimeMs}\n`)
  const [owner] = principalsOf(line, 'owner-principal')
  const question = admin.createDelegationToken({ renewers, maxLifetimeMs, ...(owner !== undefined && { owner }) })
  const token = await answered('createDelegationToken', question)
  line.io.out(`Created delegation token with tokenId : ${token.tokenId}\n${tableOf([token])}`)
}

async function renew(line: CommandLine, admin: Admin): Promise<void> {
  const [hmac, periodMs] = [line.required('hmac'), Number(line.required('renew-time-period'))]
  line.io.out(`Calling renew token operation with hmac :${hmac} , renew-time-period :${periodMs}\n`)
  const expiryTimeMs = await answered('renewDelegationToken', admin.renewDelegationToken(bytesOf(hmac), periodMs))
  line.io.out(`Completed renew operation. New expiry date : ${minuteText(expiryTimeMs)}`)
}

async function expire(line: CommandLine, admin: Admin): Promise<void> {
  const [hmac, periodMs] = [line.required('hmac'), Number(line.required('expiry-time-period'))]
  line.io.out(`Calling expire token operation with hmac :${hmac} , expire-time-period :${periodMs}\n`)
  const expiryTimeMs = await answered('expireDelegationToken', admin.expireDelegationToken(bytesOf(hmac), periodMs))
  line.io.out(`Completed expire operation. New expiry date : ${minuteText(expiryTimeMs)}`)
}

async function describe(line: CommandLine, admin: Admin): Promise<void> {
  const owners = principalsOf(line, 'owner-principal')
  const whose = owners.length === 0 ? 'current user.' : `owners: ${listText(owners)}`
  line.io.out(`Calling describe token operation for ${whose}\n`)
  const question = admin.describeDelegationTokens(owners.length === 0 ? null : owners)
  const tokens = await answered('describeDelegationToken', question)
  line.io.out(`Total number of tokens : ${tokens.length}${tableOf(tokens)}`)
}

/** @throws JavaException */
function principalsOf(line: CommandLine, option: string): TokenPrincipal[] {
  return line.all(option).map((text) => {
    const [, principalType, principalName] = /^([^:]*):(.*)$/s.exec(text.trim()) ?? []
    if (principalType === undefined || principalName === undefined)
      throw illegalArgument(`expected a string in format principalType:principalName but got ${text.trim()}`)
    return { principalType, principalName }
  })
}

const principalText = ({ principalType, principalName }: TokenPrincipal): string => `${principalType}:${principalName}`
const listText = (principals: readonly TokenPrincipal[]): string => `[${principals.map(principalText).join(', ')}]`

/** As java.util.Base64 decodes: padding may be left out. @throws JavaException */
function bytesOf(text: string): Uint8Array {
  const bare = text.replace(/={1,2}$/, '')
  const strange = /[^A-Za-z0-9+/]/.exec(bare)
  if (strange !== null) throw illegalArgument(`Illegal base64 character ${strange[0].charCodeAt(0).toString(16)}`)
  if (bare.length % 4 === 1) throw illegalArgument('Last unit does not have enough valid bits')
  return Buffer.from(bare, 'base64')
}

/** `yyyy-MM-dd'T'HH:mm` in local time. */
function minuteText(timeMs: number): string {
  const at = new Date(timeMs)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`
}

const widths = [15, 30, 15, 15, 25, 15, 15, 15]

function tableOf(tokens: readonly DelegationToken[]): string {
  const header = ['TOKENID', 'HMAC', 'OWNER', 'REQUESTER', 'RENEWERS', 'ISSUEDATE', 'EXPIRYDATE', 'MAXDATE']
  const rows = tokens.map((each) => [
    ...[each.tokenId, Buffer.from(each.hmac).toString('base64'), principalText(each.owner), principalText(each.requester)],
    ...[listText(each.renewers), minuteText(each.issueTimeMs), minuteText(each.expiryTimeMs), minuteText(each.maxTimeMs)],
  ])
  return [header, ...rows].map((row) => `\n${padded(widths, row)}\n`).join('')
}
