import type { Admin, ScramMechanismName } from '../client/index.ts'
import { ClusterCommand, type ClusterFlags } from './cluster-command.ts'
import type { Fault } from './fault.ts'
import { dryRunFlag, parseCount } from './flags.ts'
import { passwordFlags, readPassword } from './password.ts'
import { iterationsFlag, mechanismFlag, mechanismOf } from './scram-flags.ts'

type PasswordFlags = ClusterFlags & {
  readonly mechanism?: string | undefined
  readonly iterations: string
  readonly password?: string | undefined
  readonly 'password-stdin': boolean
  readonly 'dry-run': boolean
}

/** A command about the SCRAM credentials of a user. */
export abstract class ScramCommand extends ClusterCommand {
  /** Of what sets a password. */
  protected static readonly passwordFlags = {
    ...passwordFlags,
    mechanism: mechanismFlag,
    iterations: iterationsFlag,
    'dry-run': dryRunFlag,
  }

  /** The mechanisms that a user has a password for. @throws KafkaError */
  protected async mechanismsOf(admin: Admin, user: string): Promise<(ScramMechanismName | 'UNKNOWN')[]> {
    const [known] = await admin.describeScramUsers([user])
    if (known === undefined || known.error?.name === 'RESOURCE_NOT_FOUND') return []
    if (known.error !== null) throw known.error
    return known.value.credentials.map(({ mechanism }) => mechanism)
  }

  /**
   * Asks for the password, unless `refusal` of the mechanism and of whether the user has it says why not. Only asked what would happen it needs none.
   * @throws Fault
   */
  protected async setPassword(
    user: string,
    flags: PasswordFlags,
    status: { readonly done: string; readonly would: string },
    refusal: (mechanism: ScramMechanismName, isThere: boolean) => Fault | undefined,
  ): Promise<void> {
    const mechanism = mechanismOf(flags.mechanism ?? 'SCRAM-SHA-256')
    const iterations = parseCount(flags.iterations, '--iterations', 4096, 16_384)
    const admin = await this.openAdmin(flags)
    const fault = refusal(mechanism, (await this.mechanismsOf(admin, user)).includes(mechanism))
    if (fault !== undefined) throw fault
    if (flags['dry-run'])
      return this.renderChanges('UserChanges', 'USER', [{ item: user, error: null, value: null }], (name) => name, status.would)
    const password = await readPassword(this.shell, flags, user)
    const results = await admin.alterScramUsers([{ user, mechanism, password, iterations }])
    await this.renderChanges('UserChanges', 'USER', results, (name) => name, status.done)
    const { hasSasl } = await (await import('../ops/index.ts')).loadBrokerNature()
    if ((await hasSasl(admin)) === false)
      this.tell(
        `no listener of the brokers asks for a login (SASL_PLAINTEXT, SASL_SSL) so far: ${user} and the password are kept until one does`,
      )
  }
}
