import type { Column, View } from '../render/view.ts'
import { type Profile, redactedProfile } from './profile.ts'
import type { ChosenProfile } from './profile-files.ts'

/** A profile as programs see it. */
export interface ProfileReport extends Profile {
  readonly current: boolean
  /** The file it stands in. */
  readonly file: string
}

export const profileReport = ({ profile, file }: ChosenProfile, current: string | undefined): ProfileReport => ({
  ...redactedProfile(profile),
  current: profile.name === current,
  file: file.path,
})

const columns: readonly Column<ProfileReport>[] = [
  { name: 'NAME', value: ({ name }) => name },
  { name: 'CURRENT', value: ({ current }) => current, text: ({ current }) => (current ? '*' : '-') },
  { name: 'BOOTSTRAP-SERVERS', value: ({ bootstrapServers }) => bootstrapServers, narrow: 'shorten' },
  { name: 'CARE', value: careOf },
  { name: 'FILE', value: ({ file }) => file, wide: true },
]

function careOf({ production, readOnly }: Profile): string | null {
  return [...(production ? ['production'] : []), ...(readOnly ? ['read-only'] : [])].join(',') || null
}

export const profileView = (items: readonly ProfileReport[]): View<ProfileReport> => ({ kind: 'ProfileList', items, columns })

/** One profile, as it would stand in a file. */
export const profileShown = (items: readonly ProfileReport[], text: (report: ProfileReport) => Promise<string>): View<ProfileReport> => ({
  kind: 'Profile',
  items,
  columns,
  text: async (shown) => (await Promise.all(shown.map(text))).join('\n'),
})
