import type { Sample } from './sample.ts'
import type { SampleSource } from './session.ts'

/** A source whose words of failure are passed through `hide` first: what others say may quote a secret, and is shown and recorded. */
export function hidingSource(source: SampleSource, hide: (text: string) => string): SampleSource {
  const hidden = (sample: Sample): Sample => ({
    ...sample,
    failures: sample.failures.map((each) => ({ ...each, message: hide(each.message) })),
  })
  return {
    next: async (attention) => {
      try {
        const sample = await source.next(attention)
        return sample === undefined ? undefined : hidden(sample)
      } catch (error) {
        throw new Error(hide(error instanceof Error ? error.message : String(error)), { cause: error })
      }
    },
  }
}
