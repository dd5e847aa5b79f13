import type { Admin, ItemError, ItemResult, NewTopic, QuotaChange } from '../../client/index.ts'
import { KafkaError } from '../../protocol/index.ts'
import { errorOfAll } from '../item-failure.ts'
import { planReplicationChange, startReplicationChange } from '../replication-change.ts'
import { ChangeRun, type Ending, GAVE_UP } from './change-run.ts'
import type { Change } from './changes.ts'
import { quotaEntityKey, type TopicState } from './desired-state.ts'

/** Changes that one request carries. */
const CHANGES_MAX = 200

type Of<W extends Change['what']> = Extract<Change, { readonly what: W }>
type Outcome = ItemResult<Change>

/** What came of changes. Each is an outcome, or left, or unknown; what failed without an answer is an outcome and unknown. */
export interface Carried {
  readonly outcomes: readonly Outcome[]
  /** Of these nothing was asked. */
  readonly left: readonly Change[]
  /** These were asked for, and nobody said what came of it. */
  readonly unknown: readonly Change[]
  /** What ended it before its time, when it was nothing that a cluster answers. */
  readonly failure?: unknown
}

/** Asks the cluster whether it would take the changes, and makes none. What it cannot say before counts as taken. */
export const tryChanges = async (admin: Admin, changes: readonly Change[]): Promise<readonly Outcome[]> =>
  (await carryOut(admin, changes, undefined)).outcomes

/**
 * Makes the changes, one kind after the other. One that fails is told, and keeps only those from being made that take something away:
 * what should replace that may not be there. However it ends, what was made, left and unknown is told.
 */
export const makeChanges = (admin: Admin, changes: readonly Change[], ending?: Ending): Promise<Carried> =>
  carryOut(admin, changes, new ChangeRun(ending))

/** Without a run nothing is made: whoever only asks wants to hear of everything. */
async function carryOut(admin: Admin, changes: readonly Change[], run: ChangeRun | undefined): Promise<Carried> {
  const validateOnly = run === undefined
  const byId = async (ids: string[]) => (ids.length === 0 ? [] : admin.deleteTopicsById(ids))
  const byName = async (names: string[]) => (names.length === 0 ? [] : admin.deleteTopics(names))
  const steps: { readonly [W in Change['what']]: (list: readonly Of<W>[]) => Promise<Outcome[]> } = {
    'create-topic': (list) =>
      each(
        run,
        list,
        ({ topic }) => topic.name,
        (part) =>
          admin.createTopics(
            part.map(({ topic }) => newTopic(topic)),
            { validateOnly },
          ),
        ({ name }) => name,
      ),
    setting: (list) => changeSettings(admin, run, list, validateOnly),
    replication: (list) => changeReplication(admin, run, list, validateOnly),
    partitions: (list) =>
      each(
        run,
        list,
        ({ topic }) => topic,
        (part) =>
          admin.createPartitions(
            part.map(({ topic, to }) => ({ topic, totalCount: to })),
            { validateOnly },
          ),
        ({ topic }) => topic,
      ),
    'add-rule': (list) =>
      validateOnly ? Promise.resolve(list.map(done)) : inOrder(run, list, (part) => admin.createAcls(part.map(({ rule }) => rule))),
    quota: (list) => changeQuotas(admin, run, list, validateOnly),
    'remove-rule': (list) =>
      validateOnly
        ? Promise.resolve(list.map(done))
        : inOrder(run, list, async (part) =>
            (await admin.deleteAcls(part.map(({ rule }) => rule))).map(({ error, value }) => ({
              error: error ?? value?.find((match) => match.error !== null)?.error ?? null,
            })),
          ),
    'delete-topic': (list) =>
      validateOnly
        ? Promise.resolve(list.map(done))
        : each(
            run,
            list,
            ({ topic, id }) => id ?? topic,
            // One of the same name that was made since is another.
            async (part) => [
              ...(await byId(part.flatMap(({ id }) => id ?? []))),
              ...(await byName(part.flatMap(({ topic, id }) => (id === null ? topic : [])))),
            ],
            (key) => key,
          ),
  }
  const outcomes: Outcome[] = []
  for (const what of Object.keys(steps) as Change['what'][]) {
    // Settings of topics before their replicas move, those of others after.
    const list = changes.filter((change) => change.what === what)
    if (list.length > 0) outcomes.push(...(await (steps[what] as (list: readonly Change[]) => Promise<Outcome[]>)(list)))
  }
  const { left = [], unknown = [], failure } = run ?? {}
  return { outcomes, left, unknown, ...(failure !== undefined && { failure }) }
}

const newTopic = ({ name, partitions, replicationFactor, configs }: TopicState): NewTopic => ({
  name,
  configs,
  ...(partitions !== null && { partitionCount: partitions }),
  ...(replicationFactor !== null && { replicationFactor }),
})

const done = (item: Change): Outcome => ({ item, error: null, value: null })
const outcome = (item: Change, error: ItemError | null): Outcome => (error === null ? done(item) : { item, error, value: null })

/** In parts of a bounded size, none of which parts what goes together. */
function* partsOf<C extends Change>(list: readonly C[], togetherBy: (change: C) => unknown): Iterable<C[]> {
  let part: C[] = []
  for (const together of Map.groupBy(list, togetherBy).values()) {
    if (part.length > 0 && part.length + together.length > CHANGES_MAX) {
      yield part
      part = []
    }
    part.push(...together)
  }
  if (part.length > 0) yield part
}

/** A part that fails as a whole fails for each of its changes. */
async function inOrder<C extends Change>(
  run: ChangeRun | undefined,
  list: readonly C[],
  ask: (part: readonly C[]) => Promise<readonly { readonly error: ItemError | null }[]>,
  togetherBy: (change: C) => unknown = (change) => change,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const wanted of partsOf(list, togetherBy)) {
    const part = run?.allowed(wanted) ?? wanted
    if (part.length === 0) continue
    const came = await answered(run, part, ask)
    run?.note(came)
    outcomes.push(...came)
  }
  return outcomes
}

async function answered<C extends Change>(
  run: ChangeRun | undefined,
  part: readonly C[],
  ask: (part: readonly C[]) => Promise<readonly { readonly error: ItemError | null }[]>,
): Promise<Outcome[]> {
  try {
    const answers = await (run === undefined ? ask(part) : run.answer(ask(part)))
    if (answers !== GAVE_UP) return part.map((change, place) => outcome(change, answers[place]?.error ?? null))
    run?.end(part)
  } catch (error) {
    if (run === undefined || error instanceof KafkaError) return part.map((change) => outcome(change, errorOfAll(error)))
    run.end(part, error)
  }
  return []
}

/** Changes with one answer for each name. */
function each<C extends Change, I>(
  run: ChangeRun | undefined,
  list: readonly C[],
  nameOf: (change: C) => string,
  ask: (part: readonly C[]) => Promise<readonly ItemResult<I, unknown>[]>,
  nameIn: (item: I) => string,
): Promise<Outcome[]> {
  return inOrder(
    run,
    list,
    async (part) => {
      const errors = new Map((await ask(part)).map(({ item, error }) => [nameIn(item), error]))
      return part.map((change) => ({ error: errors.get(nameOf(change)) ?? null }))
    },
    nameOf,
  )
}

const resourceTypes = { topics: 'topic', brokers: 'broker', groups: 'group', 'client-metrics': 'clientMetrics' } as const

/** What is set for one resource goes, or fails, together. */
function changeSettings(
  admin: Admin,
  run: ChangeRun | undefined,
  list: readonly Of<'setting'>[],
  validateOnly: boolean,
): Promise<Outcome[]> {
  const nameOf = ({ type, name }: { type: string; name: string }): string => `${type} ${name}`
  return each(
    run,
    list,
    ({ type, name }) => nameOf({ type: resourceTypes[type], name }),
    (part) => {
      const resources = Map.groupBy(part, nameOf)
      const wanted = [...resources.values()].map((settings) => ({
        type: resourceTypes[settings[0]!.type],
        name: settings[0]!.name,
        operations: settings.map(({ key, to }) => ({
          name: key,
          operation: to === null ? ('delete' as const) : ('set' as const),
          value: to,
        })),
      }))
      return admin.incrementalAlterConfigs(wanted, { validateOnly })
    },
    nameOf,
  )
}

function changeQuotas(admin: Admin, run: ChangeRun | undefined, list: readonly Of<'quota'>[], validateOnly: boolean): Promise<Outcome[]> {
  return each(
    run,
    list,
    ({ entity }) => quotaEntityKey(entity),
    (part) => {
      const entities = [...Map.groupBy(part, ({ entity }) => quotaEntityKey(entity)).values()]
      const wanted = entities.map(
        (quotas): QuotaChange => ({
          entity: quotas[0]!.entity,
          values: Object.fromEntries(quotas.map(({ quota, to }) => [quota, to])),
        }),
      )
      return admin.alterClientQuotas(wanted, { validateOnly })
    },
    ({ entity }) => quotaEntityKey(entity),
  )
}

/** By the moves that change as little as can be. They are started; replicas are copied in the background. */
async function changeReplication(
  admin: Admin,
  run: ChangeRun | undefined,
  list: readonly Of<'replication'>[],
  validateOnly: boolean,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const [factor, changes] of Map.groupBy(list, ({ to }) => to)) {
    outcomes.push(
      ...(await inOrder(run, changes, async (part) => {
        const plans = await planReplicationChange(
          admin,
          part.map(({ topic }) => topic),
          factor,
        )
        const planned = new Map(plans.map((plan) => [plan.item, plan]))
        const moves = plans.flatMap(({ item, value }) => (value === null ? [] : [{ topic: item, moves: value.moves }]))
        const started = validateOnly ? [] : await startReplicationChange(admin, moves)
        return part.map(({ topic }) => ({
          error: planned.get(topic)?.error ?? started.find(({ item, error }) => item.topic === topic && error !== null)?.error ?? null,
        }))
      })),
    )
  }
  return outcomes
}
