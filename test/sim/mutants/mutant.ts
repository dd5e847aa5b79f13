import type { ProfileName } from '../nemesis/profiles.ts'

/** A bug that is planted into production code when it is loaded, to see whether the simulator finds it. */
export interface Mutant {
  /** What is wrong, in words. */
  readonly name: string
  /** From the root of the project. */
  readonly file: string
  /** Occurs once in the file. */
  readonly text: string
  readonly replacement: string
  /** Where to look first; default: all. */
  readonly profile?: ProfileName
}
