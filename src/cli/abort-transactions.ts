import type { OpenTransaction } from '../client/index.ts'
import { ClusterCommand, divide } from './cluster-command.ts'

/** In which partition, and of whom. */
export const transactionText = ({ topic, partition, producerId, producerEpoch }: OpenTransaction): string =>
  `${topic}-${partition} of producer ${producerId} in epoch ${producerEpoch}`

/** A command that ends transactions past their coordinator. */
export abstract class AbortingCommand extends ClusterCommand {
  /** Shows what will be lost and asks; then ends them, each in its partition. @throws Fault */
  protected async abort<T extends OpenTransaction>(
    admin: Awaited<ReturnType<ClusterCommand['openAdmin']>>,
    transactions: readonly T[],
    flags: { readonly yes: boolean },
  ): Promise<ReturnType<typeof divide<T, null>>> {
    const plan = transactions.map((each) => `the records of ${transactionText(each)} are lost for those who read committed ones`)
    await this.confirm(flags, plan, `Abort ${transactions.length === 1 ? 'it' : `these ${transactions.length}`}?`)
    const known = new Map(transactions.map((each) => [transactionText(each), each]))
    const results = await admin.abortTransactions(transactions)
    return divide(
      results.map((each) => ({ ...each, item: known.get(transactionText(each.item))! })),
      transactionText,
    )
  }
}
