import type { ProfileName } from '../nemesis/profiles.ts'

export interface Edit {
  /** From the root of the project. */
  readonly file: string
  /** Occurs once in the file. */
  readonly text: string
  readonly replacement: string
}

/** A bug that is planted into production code when it is loaded, to see whether the simulator finds it. */
export interface Mutant extends Edit {
  /** What is wrong, in words. */
  readonly name: string
  /** What else has to be gone: other checks would catch it. */
  readonly also?: readonly Edit[]
  /** Where to look first; default: all. */
  readonly profile?: ProfileName
}
