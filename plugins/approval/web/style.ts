/** The page's looks: one column, the system's own fonts, and both lights. Served as a file: nothing is inline. */
export const stylesheet = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f4f5f8, #101318); --card: light-dark(#fff, #181c23); --ink: light-dark(#171b26, #e8ebf2);
  --soft: light-dark(#5c6478, #98a1b5); --line: light-dark(#e1e5ee, #2a303b); --code: light-dark(#f7f8fb, #12161c);
  --accent: light-dark(#3452d9, #8ea3ff); --yes: light-dark(#14783f, #2f9e5f); --no: light-dark(#b3261e, #e5645b);
  --warn: light-dark(#fff3d6, #3a2f12); --warn-ink: light-dark(#744f00, #ffd98a);
}
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif }
header { display: flex; align-items: center; gap: .75rem; max-width: 58rem; margin: 0 auto; padding: 1.4rem 1.25rem .4rem }
header .mark { width: 1.7rem; height: 1.7rem; border-radius: .5rem; background: linear-gradient(135deg, var(--accent), #7a4be0); flex: none }
header b { letter-spacing: -.01em } header nav { margin-left: auto; display: flex; gap: .8rem; align-items: center; color: var(--soft); font-size: .9rem }
header form { margin: 0 } a { color: var(--accent); text-decoration: none } a:hover { text-decoration: underline }
main { max-width: 58rem; margin: 0 auto; padding: .6rem 1.25rem 4rem }
h1 { font-size: 1.55rem; letter-spacing: -.02em; margin: 1rem 0 .2rem } h2 { font-size: .8rem; text-transform: uppercase; letter-spacing: .07em; color: var(--soft); margin: 1.6rem 0 .5rem }
p { margin: .4rem 0 } .soft { color: var(--soft) } .small { font-size: .85rem }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 1.2rem 1.35rem; margin: 1rem 0; box-shadow: 0 1px 2px rgb(0 0 0 / .04), 0 8px 24px rgb(20 30 60 / .05) }
.flow { display: grid; grid-template-columns: 1fr auto 1fr; align-items: center; gap: 1rem }
.place { border: 1px solid var(--line); border-radius: 12px; padding: .9rem 1rem; background: var(--code) }
.place strong { display: block; font-size: 1.3rem; letter-spacing: -.01em } .arrow { font-size: 1.7rem; color: var(--accent) }
dl { display: grid; grid-template-columns: 9.5rem 1fr; gap: .45rem 1rem; margin: 0 } dt { color: var(--soft) } dd { margin: 0; overflow-wrap: anywhere }
pre { margin: 0; padding: 1rem 1.1rem; background: var(--code); border: 1px solid var(--line); border-radius: 12px; overflow: auto; max-height: 28rem; white-space: pre-wrap; overflow-wrap: anywhere; font: .92rem/1.55 ui-monospace, "SF Mono", Menlo, Consolas, monospace; unicode-bidi: isolate; direction: ltr }
code { font: .85rem ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere } mark { background: var(--no); color: #fff; border-radius: 4px; padding: 0 .2em }
.chip { display: inline-block; overflow-wrap: anywhere; padding: .05rem .6rem; border-radius: 99px; border: 1px solid var(--line); background: var(--code); font-size: .85rem; margin: 0 .25rem .2rem 0 }
.status { font-weight: 600; text-transform: capitalize } .approved, .used { color: var(--yes) } .denied, .void, .expired { color: var(--no) } .pending, .draft { color: var(--accent) }
.note { background: var(--warn); color: var(--warn-ink); border-radius: 12px; padding: .8rem 1rem; margin: 1rem 0 }
table { width: 100%; border-collapse: collapse } th { text-align: left; font-weight: 500; color: var(--soft); font-size: .82rem; padding: .3rem .6rem .5rem 0 }
td { border-top: 1px solid var(--line); padding: .7rem .6rem .7rem 0; vertical-align: top } td.what { overflow-wrap: anywhere; width: 45%; font: .85rem ui-monospace, Menlo, Consolas, monospace }
label { display: block; margin: .2rem 0 .3rem; font-weight: 500 } textarea, input { width: 100%; padding: .7rem .8rem; border-radius: 10px; border: 1px solid var(--line); background: var(--code); color: inherit; font: inherit }
textarea:focus, input:focus, button:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px }
button { font: inherit; font-weight: 600; border: 0; border-radius: 10px; padding: .7rem 1.4rem; cursor: pointer; color: #fff; background: var(--accent) }
a.button { display: inline-block; font-weight: 600; border-radius: 10px; padding: .7rem 1.4rem; color: #fff; background: var(--accent) }
button.yes { background: var(--yes) } button.no { background: transparent; color: var(--no); border: 1px solid currentColor } button.plain { background: none; color: var(--accent); padding: 0; font-weight: 400 }
.actions { display: flex; gap: .8rem; margin-top: 1rem; align-items: center; flex-wrap: wrap } .login { max-width: 30rem; margin: 8vh auto }
@media (max-width: 40rem) { .flow { grid-template-columns: 1fr } .arrow { transform: rotate(90deg); justify-self: center } dl { grid-template-columns: 1fr } }
`
