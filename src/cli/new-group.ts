import type { Admin } from '../client/index.ts'
import { loadOffsetReset, type ResetRequest, type ResetStep } from '../ops/index.ts'
import { ClusterCommand, divide } from './cluster-command.ts'
import { Fault } from './fault.ts'

const nameOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }): string => `${topic}-${partition}`

/** A command that gives a group its first offsets. */
export abstract class NewGroupCommand extends ClusterCommand {
  /** @throws Fault when the group has offsets already, or would get none */
  protected async begin(admin: Admin, request: ResetRequest, isDryRun: boolean): Promise<void> {
    const { applyReset, committedOf, planReset } = await loadOffsetReset()
    const { group } = request
    if ((await committedOf(admin, group)).size > 0)
      throw new Fault(`group ${group} has offsets already`, { hint: `To put it elsewhere: tkafka groups reset ${group}` })
    const planned = divide(await planReset(admin, request), nameOf)
    const steps = planned.values.map(({ value }) => value)
    const applied = isDryRun ? undefined : divide(await applyReset(admin, group, steps), nameOf)
    await this.render<ResetStep>({
      kind: 'OffsetReset',
      items: applied === undefined ? steps : applied.values.map(({ item }) => item),
      errors: [...planned.errors, ...(applied?.errors ?? [])],
      columns: [
        { name: 'GROUP', value: (step) => step.group, narrow: 'leave out' },
        { name: 'TOPIC', value: (step) => step.topic, narrow: 'shorten' },
        { name: 'PARTITION', value: (step) => step.partition, right: true },
        { name: 'NEW-OFFSET', value: (step) => step.newOffset, right: true },
      ],
    })
  }
}
