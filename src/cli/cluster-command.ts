import { nearest } from '../base/index.ts'
import type { Admin } from '../client/index.ts'
import { BaseCommand } from './base-command.ts'
import { type ClientSettings, type ConnectionFlags, clientSettings, guessedServer } from './client-settings.ts'
import type { NamedThing } from './completion/name-memory.ts'
import { type FailedItem, Fault, failureOf, hintOf, usageFault } from './fault.ts'
import { connectionFlags, type OutputFormat, parseDurationMs } from './flags.ts'
import { type ChosenProfile, chosenProfile } from './profile/profile-files.ts'
import { mayChange, readOnlyAdmin, readOnlyFault } from './profile/read-only.ts'
import type { EnvelopeCluster } from './render/render.ts'

export type ClusterFlags = ConnectionFlags & { readonly timeout?: string | undefined }

/** How long a look at what else is wrong may take. */
const LOOK_MS = 1000
const noController =
  'The brokers answer, but no controller is active, without which nothing is changed: is a majority of the quorum running? See tkafka broker status on its nodes.'

/** A command that talks to a cluster. */
export abstract class ClusterCommand extends BaseCommand {
  static override familyFlags = connectionFlags

  #admin: Admin | undefined

  protected override get cluster(): EnvelopeCluster {
    return { id: this.#admin?.cluster.view.clusterId ?? null, profile: this.#profile?.profile.name ?? null }
  }

  #profile: ChosenProfile | undefined
  #looked = false
  /** Nothing may be changed through the administrator. */
  #readOnly = false

  /** The profile is looked for once, and cheaply when there is none. */
  async #chosen(flags: ConnectionFlags): Promise<ChosenProfile | undefined> {
    if (!this.#looked) this.#profile = await chosenProfile(this.shell, flags)
    if (!this.#looked) for (const remark of this.#profile?.file.remarks ?? []) this.tell(`tkafka: ${remark}`)
    this.#looked = true
    return this.#profile
  }

  /** A profile has defaults, asks for more than y, and may forbid what changes something. */
  protected override async prepare(flags: Record<string, unknown>, isGiven: (name: string) => boolean): Promise<void> {
    const chosen = await this.#chosen(flags as ConnectionFlags)
    if (chosen === undefined) return
    const { name, readOnly, production, defaults } = chosen.profile
    if (defaults.output !== null && !isGiven('output')) flags.output = this.formatByDefault(defaults.output, flags)
    if (defaults.timeout !== null && !isGiven('timeout')) flags.timeout = defaults.timeout
    this.#readOnly = readOnly && flags['dry-run'] !== true
    // A screen that can change something does so one key away from looking.
    if ((readOnly || production) && 'read-only' in (this.constructor as typeof ClusterCommand).flags) flags['read-only'] = true
    if (this.#readOnly && mayChange(this.id, flags)) throw readOnlyFault(name, `tkafka ${this.id}`)
    // Fingers type -y by themselves; a script has decided before.
    if (production && this.shell.stdin.isTTY === true && this.shell.stderr.isTTY === true && flags.yes === true) flags.yes = false
  }

  /** Where the brokers that these settings lead to show their metrics, as the profile says: nothing when something else chose the cluster. */
  protected metricsUrlOf({ values }: ClientSettings): string | null {
    const profile = this.#profile?.profile
    const servers = profile?.bootstrapServers ?? profile?.properties['bootstrap.servers']
    return servers !== undefined && servers === values['bootstrap.servers'] ? (profile?.metricsUrl ?? null) : null
  }

  /** What a profile's format comes to here, when none was asked for: of what has no end, the one that has none either. */
  protected formatByDefault(wanted: OutputFormat, flags: Record<string, unknown>): OutputFormat {
    return flags.watch !== undefined && (wanted === 'json' || wanted === 'yaml') ? 'ndjson' : wanted
  }

  protected override get nameToConfirm(): string | undefined {
    return this.#profile?.profile.production === true ? this.#profile.profile.name : undefined
  }

  /** An administrator that is closed with the command. A cluster that is not there is told at once, the same way by all commands. */
  protected async openAdmin(flags: ClusterFlags): Promise<Admin> {
    if (this.#admin !== undefined) return this.#admin
    const timeoutMs = this.timeoutMs(flags)
    const settings = await this.settings(flags)
    const { openAdmin } = await import('../client/admin/index.ts')
    const values = { 'request.timeout.ms': String(timeoutMs), ...settings.values, 'default.api.timeout.ms': String(timeoutMs) }
    const admin = openAdmin(await this.shell.host(), values, { connectAttempts: 3 })
    this.warnUnknown(admin.unknownKeys)
    this.#admin = this.scope.use(this.#readOnly ? readOnlyAdmin(admin, this.#profile!.profile.name) : admin)
    await admin.cluster.refresh([], timeoutMs)
    return this.#admin
  }

  /** Another administrator, of the controllers at these addresses, with whatever else is configured. It is closed with the command too. */
  protected async openControllers(servers: string, flags: ClusterFlags): Promise<Admin> {
    const { values } = await this.settings(flags)
    const { openAdmin } = await import('../client/admin/index.ts')
    const controllers = { ...values, 'bootstrap.servers': '', 'bootstrap.controllers': servers }
    return this.scope.use(openAdmin(await this.shell.host(), controllers, { connectAttempts: 1 }))
  }

  /** @throws Fault (usage) */
  protected timeoutMs(flags: Pick<ClusterFlags, 'timeout'>): number {
    const timeoutMs = parseDurationMs(flags.timeout ?? '30s', '--timeout')
    if (timeoutMs <= 0) throw usageFault(`--timeout ${flags.timeout} leaves no time`, 'Write 500ms, 30s, 2m.')
    return timeoutMs
  }

  #guessed = false

  protected async settings(flags: ConnectionFlags): Promise<ClientSettings> {
    const settings = await clientSettings(this.shell, flags, await this.#chosen(flags))
    this.#guessed = settings.guessed
    return settings
  }

  /** Keeps names that were listed for completion. */
  protected async remember(flags: ConnectionFlags, thing: NamedThing, names: readonly string[]): Promise<void> {
    await (await import('./completion/name-memory.ts')).rememberNames(this.shell, flags, thing, names)
  }

  protected warnUnknown(keys: readonly string[]): void {
    for (const key of keys) this.tell(`tkafka: there is no client setting ${key}; it is ignored`)
  }

  protected override async betterStep({ name }: FailedItem): Promise<string> {
    return (name === 'REQUEST_TIMED_OUT' || name === 'NOT_CONTROLLER') && (await this.#lacksController()) ? noController : ''
  }

  protected override async nextStep(failure: FailedItem): Promise<string> {
    const { item, name, message } = failure
    if (name === 'INVALID_CONFIG' && item === '')
      return 'It is a setting of this client: see -X, -F and TKAFKA_X_… for where it may come from.'
    const better = await this.betterStep(failure)
    if (better !== '') return better
    const next = await super.nextStep(failure)
    if (name === 'GROUP_ID_NOT_FOUND') {
      const close = await this.closeGroup(/[Gg]roup '?(\S+?)'? (?:does not exist|not found|is not)/.exec(message)?.[1] ?? item)
      return close === undefined ? next : `Did you mean ${close}? ${next}`
    }
    if (name !== 'UNKNOWN_TOPIC_OR_PARTITION' || next === '') return next
    const topic = /topic (\S+) does not exist/.exec(message)?.[1] ?? item.replace(/^topics /, '')
    const close = topic === '' ? undefined : nearest(topic, await this.#topicNames())
    return close === undefined || close === topic ? next : `Did you mean ${close}? ${next}`
  }

  #controllerless: Promise<boolean> | undefined

  /** Brokers answer, and none of them knows an active controller that does. */
  #lacksController(): Promise<boolean> {
    const admin = this.#admin
    if (admin === undefined) return Promise.resolve(false)
    const answers = (question: Promise<unknown>): Promise<boolean> =>
      question.then(
        () => true,
        () => false,
      )
    const look = async (): Promise<boolean> =>
      (await answers(admin.describeCluster({ timeoutMs: LOOK_MS }))) && !(await answers(admin.describeQuorum({ timeoutMs: LOOK_MS })))
    this.#controllerless ??= look()
    return this.#controllerless
  }

  /** A group that is there and is called almost so. */
  protected async closeGroup(name: string): Promise<string | undefined> {
    const list = async (): Promise<string[]> => (await this.#admin?.listGroups())?.groups.map(({ groupId }) => groupId) ?? []
    this.#groups ??= list().catch(() => [])
    const close = name === '' ? undefined : nearest(name, await this.#groups)
    return close === name ? undefined : close
  }

  #groups: Promise<string[]> | undefined
  #names: Promise<string[]> | undefined

  /** Of what is there, for suggestions: none when they cannot be had. */
  #topicNames(): Promise<string[]> {
    const list = async (): Promise<string[]> => (await this.#admin?.listTopics())?.map(({ name }) => name) ?? []
    this.#names ??= list().catch(() => [])
    return this.#names
  }

  /** The answers to a change, one line an item. */
  protected async renderChanges<I>(
    kind: string,
    header: string,
    results: readonly Result<I, unknown>[],
    nameOf: (item: I) => string,
    status: string,
  ): Promise<void> {
    const { values, errors } = divide(results, nameOf)
    await this.render({
      kind,
      items: values.map(({ item }) => ({ name: nameOf(item), status })),
      errors,
      columns: [
        { name: header, value: ({ name }) => name },
        { name: 'STATUS', value: (item) => item.status },
      ],
    })
  }

  override async execute(): Promise<void> {
    try {
      await super.execute()
    } catch (error) {
      if (error instanceof SyntaxError && error.message.includes('is no regular expression'))
        throw usageFault(error.message, 'Write .* for anything, and a backslash before a sign that means itself.')
      if (!this.#guessed || error instanceof Fault) throw error
      const hint = `No server was named, so ${guessedServer} was tried: use -b HOST:PORT or TKAFKA_BOOTSTRAP_SERVER.`
      throw Object.assign(error as Error, { hint: `${hintOf(error)} ${hint}`.trim() })
    }
  }
}

export const cordonOutlives = (broker: number, reason: string): string =>
  `a broker ${broker} that comes after this one may be given no replicas (${reason}): then see tkafka broker recommission ${broker}`

/** An answer for one of many: a value or an error. */
interface Result<I, V> {
  readonly item: I
  readonly error: { readonly code: number; readonly name: string; readonly message: string; readonly retriable: boolean } | null
  readonly value: V | null
}

/** Parts answers into what came and what failed. */
export function divide<I, V>(
  results: readonly Result<I, V>[],
  nameOf: (item: I) => string,
): { values: { item: I; value: V }[]; errors: FailedItem[] } {
  const values: { item: I; value: V }[] = []
  const errors: FailedItem[] = []
  for (const { item, error, value } of results) {
    if (error === null) values.push({ item, value: value as V })
    else errors.push({ item: nameOf(item), code: error.code, name: error.name, message: error.message, retriable: error.retriable })
  }
  return { values, errors }
}

export { failureOf }
