import { nearest } from '../../base/index.ts'
import { BaseCommand } from '../base-command.ts'
import { type Fault, usageFault } from '../fault.ts'
import type { ChosenProfile } from './profile-files.ts'

/** A command about profiles themselves: it talks to no cluster. */
export abstract class ProfileCommand extends BaseCommand {
  /** All profiles, and the name of the one in use. @throws Fault */
  protected async profiles(): Promise<{ readonly all: readonly ChosenProfile[]; readonly current: string | undefined }> {
    const { profilesIn, readProfileFiles } = await import('./profile-files.ts')
    const files = await readProfileFiles(this.shell)
    for (const remark of [files.user, files.project].flatMap((file) => file?.remarks ?? [])) this.tell(`tkafka: ${remark}`)
    const current = this.shell.env.TKAFKA_PROFILE || (files.project?.current ?? files.user?.current ?? undefined)
    return { all: profilesIn(files), current: current === 'none' ? undefined : current }
  }

  protected unknownProfile(name: string, all: readonly ChosenProfile[]): Fault {
    const close = nearest(
      name,
      all.map(({ profile }) => profile.name),
    )
    return usageFault(`there is no profile ${name}`, close === undefined ? 'See tkafka profile list.' : `Did you mean ${close}?`)
  }
}

/** Loaded when a command asks for it. */
export const loadProfiles = async () => ({
  ...(await import('./profile.ts')),
  ...(await import('./profile-files.ts')),
  ...(await import('./profile-report.ts')),
  ...(await import('./profile-editor.ts')),
  ...(await import('./kept-secrets.ts')),
})
export const loadProfileImport = () => import('./profile-import.ts')
