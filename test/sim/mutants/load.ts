import { registerHooks } from 'node:module'
import { mutants } from './catalog.ts'

/** Plants the mutant that the environment names (SIM_MUTANT): to be loaded before anything of production. */
const name = process.env.SIM_MUTANT
const mutant = mutants.find((each) => each.name === name)
if (mutant === undefined) throw new Error(`there is no mutant '${name}'`)
const edits = [mutant, ...(mutant.also ?? [])].map((edit) => ({ ...edit, url: new URL(`../../../${edit.file}`, import.meta.url).href }))

registerHooks({
  load(from, context, nextLoad) {
    const loaded = nextLoad(from, context)
    const here = edits.filter(({ url }) => url === from)
    if (here.length === 0) return loaded
    let source = String(loaded.source)
    for (const { text, replacement, file } of here) {
      if (source.split(text).length !== 2) throw new Error(`a text of '${name}' does not occur once in ${file}`)
      // A function, for a replacement may hold a dollar sign.
      source = source.replace(text, () => replacement)
    }
    return { ...loaded, source }
  },
})
