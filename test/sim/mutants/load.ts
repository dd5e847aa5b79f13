import { registerHooks } from 'node:module'
import { mutants } from './catalog.ts'

/** Plants the mutant that the environment names (SIM_MUTANT): to be loaded before anything of production. */
const name = process.env.SIM_MUTANT
const mutant = mutants.find((each) => each.name === name)
if (mutant === undefined) throw new Error(`there is no mutant '${name}'`)
const url = new URL(`../../../${mutant.file}`, import.meta.url).href

registerHooks({
  load(from, context, nextLoad) {
    const loaded = nextLoad(from, context)
    if (from !== url) return loaded
    const source = String(loaded.source)
    if (source.split(mutant.text).length !== 2) throw new Error(`the text of '${mutant.name}' does not occur once in ${mutant.file}`)
    // A function, for a replacement may hold a dollar sign.
    return { ...loaded, source: source.replace(mutant.text, () => mutant.replacement) }
  },
})
