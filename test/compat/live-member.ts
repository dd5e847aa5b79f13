import { Consumer } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'

export interface LiveMember {
  close(): Promise<void>
}

/** A consumer of the group `live` that reads t1; resolves when it has its partitions. */
export async function startMember(server: string): Promise<LiveMember> {
  const host = nodeHost({ journal: silentJournal })
  const consumer = new Consumer(host, {
    'bootstrap.servers': server,
    'group.id': 'live',
    'client.id': 'live-client',
    'auto.offset.reset': 'earliest',
  })
  consumer.subscribe(['t1'])
  let open = true
  while (consumer.assignment().length === 0) await consumer.poll(100)
  await consumer.poll(500)
  await consumer.commitSync()
  const polling = (async () => {
    while (open) await consumer.poll(200)
  })()
  return {
    close: async () => {
      open = false
      await polling
      await consumer.close()
    },
  }
}
