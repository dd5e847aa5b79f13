import type { MetadataMessage } from './records.ts'

/** 1 SCRAM-SHA-256, 2 SCRAM-SHA-512. */
export type ScramMechanism = number

export interface ScramCredential {
  readonly salt: Buffer
  readonly storedKey: Buffer
  readonly serverKey: Buffer
  readonly iterations: number
}

export type AclEntry = MetadataMessage<'AccessControlEntryRecord'>
export type DelegationToken = MetadataMessage<'DelegationTokenRecord'>

/** SCRAM credentials by mechanism and user. */
export class ScramImage {
  readonly byMechanism: Map<ScramMechanism, Map<string, ScramCredential>> = new Map()

  get(mechanism: ScramMechanism, user: string): ScramCredential | undefined {
    return this.byMechanism.get(mechanism)?.get(user)
  }

  set(mechanism: ScramMechanism, user: string, credential: ScramCredential): void {
    let users = this.byMechanism.get(mechanism)
    if (users === undefined) this.byMechanism.set(mechanism, (users = new Map()))
    users.set(user, credential)
  }

  delete(mechanism: ScramMechanism, user: string): boolean {
    const users = this.byMechanism.get(mechanism)
    const existed = users?.delete(user) ?? false
    if (users?.size === 0) this.byMechanism.delete(mechanism)
    return existed
  }
}
