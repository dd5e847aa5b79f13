import { clientMutants } from './client.ts'
import { controllerMutants } from './controller.ts'
import { groupMutants } from './groups.ts'
import { logMutants } from './log.ts'
import type { Mutant } from './mutant.ts'
import { raftMutants } from './raft.ts'
import { replicaMutants } from './replica.ts'

export const mutants: readonly Mutant[] = [
  ...raftMutants,
  ...replicaMutants,
  ...controllerMutants,
  ...logMutants,
  ...groupMutants,
  ...clientMutants,
]
