import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Ran, type RunOptions, run } from './run-command.ts'

/** A home of its own, with a profile file. */
export class ProfileHome implements Disposable {
  readonly home = mkdtempSync(join(tmpdir(), 'tkafka-home-'))
  readonly env: Record<string, string> = { HOME: this.home }
  readonly path = join(this.home, '.config/tkafka/profiles.yaml')

  constructor(profiles?: string) {
    if (profiles !== undefined) this.write('.config/tkafka/profiles.yaml', profiles)
  }

  write(name: string, text: string): string {
    const path = join(this.home, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  }

  tkafka(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return run(argv, { ...options, env: { ...this.env, ...options.env } })
  }

  [Symbol.dispose](): void {
    rmSync(this.home, { recursive: true, force: true })
  }
}
