import { simHost } from '../../src/sim/index.ts'
import { hostContract } from '../host/contract.ts'

for (const chop of [false, true]) {
  hostContract({
    name: chop ? 'the simulated host, streams chopped' : 'the simulated host',
    run: (act) => {
      const { world, host } = simHost({ seed: 7, chop })
      return world.run(async () => {
        await host.disk.makeDirectory('/data')
        await act(host, '/data')
      })
    },
  })
}
