import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import type { Random } from '../host/index.ts'
import { type MetadataRecord, metadataRecord } from '../metadata/index.ts'
import { settingsOf } from './config-changes.ts'
import { usageFault } from './fault.ts'
import { parseCount } from './flags.ts'

const mechanisms = {
  'SCRAM-SHA-256': { type: 1, hash: 'sha256', keyBytes: 32 },
  'SCRAM-SHA-512': { type: 2, hash: 'sha512', keyBytes: 64 },
} as const

const known = ['name', 'password', 'salt', 'saltedpassword', 'iterations']
const saltBytes = 16

/**
 * The credential that storage format lays into a new cluster (KIP-900): `SCRAM-SHA-256=[name=alice,password=secret]`, or the salted
 * password with its salt, both in base64. @throws Fault (usage)
 */
export function scramRecord(text: string, random: Random): MetadataRecord<'UserScramCredentialRecord'> {
  const example = 'Write SCRAM-SHA-256=[name=alice,password=…], with iterations=8192 if you like.'
  const match = /^\s*(SCRAM-SHA-256|SCRAM-SHA-512)=\[(.*)\]\s*$/s.exec(text)
  if (match === null) throw usageFault(`--add-scram: ${text.replace(/=.*/s, '=…')} is no credential`, example)
  const { type, hash, keyBytes } = mechanisms[match[1] as keyof typeof mechanisms]
  const parts = Object.fromEntries(settingsOf(match[2]!, '--add-scram').map(([key, value]) => [key, value.replace(/^"(.*)"$/s, '$1')]))
  const unknown = Object.keys(parts).find((key) => !known.includes(key))
  if (unknown !== undefined) throw usageFault(`--add-scram: there is no ${unknown}`, example)
  const { name, password, salt: saltText, saltedpassword } = parts
  if (name === undefined || name === '') throw usageFault('--add-scram: whose credential?', example)
  if ((password === undefined) === (saltedpassword === undefined))
    throw usageFault('--add-scram: it takes a password, or a salted one', example)
  if (saltedpassword !== undefined && saltText === undefined)
    throw usageFault('--add-scram: a salted password needs its salt', 'Add salt=BASE64.')
  const iterations = parseCount(parts.iterations ?? '4096', '--add-scram iterations', 4096, 16_384)
  const salt = saltText === undefined ? Buffer.from(random.bytes(saltBytes)) : base64(saltText, 'salt')
  const salted =
    saltedpassword === undefined ? pbkdf2Sync(password!, salt, iterations, keyBytes, hash) : base64(saltedpassword, 'saltedpassword')
  // RFC 5802: StoredKey = H(HMAC(SaltedPassword, "Client Key")), ServerKey = HMAC(SaltedPassword, "Server Key").
  const hmac = (label: string): Buffer => createHmac(hash, salted).update(label).digest()
  const storedKey = createHash(hash).update(hmac('Client Key')).digest()
  return metadataRecord('UserScramCredentialRecord', 0, {
    ...{ name, mechanism: type, salt, storedKey, serverKey: hmac('Server Key'), iterations },
  }) as MetadataRecord<'UserScramCredentialRecord'>
}

function base64(text: string, what: string): Buffer {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw usageFault(`--add-scram: ${what} is not base64`)
  return Buffer.from(text, 'base64')
}
