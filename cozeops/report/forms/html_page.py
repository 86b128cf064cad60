"""The shell of an HTML plan: style, script and the rule that nothing else may run or load."""

from __future__ import annotations

import base64
import hashlib
import html

from cozeops.report.terminal.safe import visible

STYLE = """
:root{color-scheme:light dark;--bg:#fff;--fg:#1f2328;--dim:#59636e;--line:#d1d9e0;--soft:#f6f8fa;
--add:#dafbe1;--add-mark:#7ee29b;--del:#ffebe9;--del-mark:#ffb1a8;--create:#1a7f37;--update:#9a6700;
--replace:#8250df;--delete:#cf222e;--publish:#0969da;--unpublish:#8250df;--adopt:#0969da;--forget:#8250df;
--none:#59636e;--block:#cf222e;--warn:#9a6700;--info:#0969da}
@media (prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;--dim:#9198a1;--line:#3d444d;
--soft:#151b23;--add:#12261e;--add-mark:#1f6f3a;--del:#2d1618;--del-mark:#8e2b2f;--create:#3fb950;
--update:#d29922;--replace:#ab7df8;--delete:#f85149;--publish:#4493f8;--unpublish:#ab7df8;--adopt:#4493f8;
--forget:#ab7df8;--none:#9198a1;--block:#f85149;--warn:#d29922;--info:#4493f8}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1200px;padding:1.5rem;background:var(--bg);color:var(--fg);
font:15px/1.55 system-ui,-apple-system,"Segoe UI","PingFang SC","Microsoft YaHei",
"Noto Sans CJK SC",sans-serif;
overflow-wrap:anywhere}
h1{font-size:1.5rem;margin:0 0 .25rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:0}
p{margin:.35rem 0}.dim{color:var(--dim)}
code,pre,table.diff,.mono{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Noto Sans Mono CJK SC",monospace;
font-size:.86rem}
.total{font-weight:600}
.bar{display:flex;flex-wrap:wrap;gap:.4rem;margin:1rem 0;position:sticky;top:0;background:var(--bg);
padding:.5rem 0;z-index:1}
button{font:inherit;font-size:.86rem;color:inherit;background:var(--soft);border:1px solid var(--line);
border-radius:999px;padding:.15rem .75rem;cursor:pointer}
button[aria-pressed=true]{border-color:var(--fg);box-shadow:inset 0 0 0 1px var(--fg);font-weight:600}
:focus-visible{outline:2px solid var(--publish);outline-offset:2px}
.change{border:1px solid var(--line);border-left:4px solid var(--action,var(--line));
border-radius:6px;margin:.5rem 0;background:var(--bg)}
summary{cursor:pointer}
details.change>summary{padding:.5rem .75rem;background:var(--soft);border-radius:6px}
.change h3{display:inline;font-weight:600}
.short{padding:.5rem .75rem;content-visibility:auto;contain-intrinsic-size:auto 2.5rem}
.short .dim{margin-left:.5rem}
.cut{border-left:4px solid var(--warn);padding:.25rem .75rem;background:var(--soft)}
input{font:inherit;font-size:.86rem;color:inherit;background:var(--bg);border:1px solid var(--line);
border-radius:999px;padding:.15rem .75rem;min-width:9rem;flex:1}
.body{padding:.25rem .9rem .75rem}
.glyph{display:inline-block;min-width:1.2em;font-weight:700;color:var(--action)}
.verbs{color:var(--action);margin-left:.5rem}
.effect{color:var(--publish)}
.badge{border:1px solid var(--block);color:var(--block);border-radius:4px;padding:0 .35rem;font-size:.8rem;
margin-left:.5rem}
.a-create{--action:var(--create)}.a-update{--action:var(--update)}.a-replace{--action:var(--replace)}
.a-delete{--action:var(--delete)}.a-publish{--action:var(--publish)}.a-unpublish{--action:var(--unpublish)}
.a-adopt{--action:var(--adopt)}.a-forget{--action:var(--forget)}.a-none{--action:var(--none)}
dl.fields{margin:.5rem 0}dl.fields>dt{margin-top:.6rem}dl.fields>dd{margin:.1rem 0 0 1rem}
.path{font-weight:600}.near{color:var(--warn)}a{color:var(--publish)}
table.diff col.no{width:3.6em}summary .mono{margin-left:.5rem}
del,ins{text-decoration:none;border-radius:3px;padding:0 .15em}
del{background:var(--del)}ins{background:var(--add)}
.items{list-style:none;margin:0;padding:0}
table.diff{width:100%;border-collapse:collapse;table-layout:fixed;border:1px solid var(--line);
line-height:1.5;margin:.25rem 0}
table.diff td{padding:0 .4rem;vertical-align:top;white-space:pre-wrap;overflow-wrap:anywhere}
table.diff td.no{width:3.4em;text-align:right;color:var(--dim);user-select:none;white-space:nowrap}
table.diff td.old{background:var(--del)}table.diff td.new{background:var(--add)}
table.diff td.void{background:var(--soft)}
table.diff td.old del{background:var(--del-mark)}table.diff td.new ins{background:var(--add-mark)}
table.diff th{text-align:left;font-weight:400;color:var(--dim);background:var(--soft);padding:.15rem .4rem}
pre.whole{white-space:pre-wrap;border:1px solid var(--line);padding:.4rem .6rem;margin:.25rem 0;
max-height:32rem;overflow:auto}
pre.came{background:var(--add)}pre.went{background:var(--del)}
.finding{border-left:4px solid var(--kind);padding:.25rem .75rem;margin:.5rem 0;background:var(--soft)}
.f-block{--kind:var(--block)}.f-warn{--kind:var(--warn)}.f-info{--kind:var(--info)}
.finding b{color:var(--kind)}
.graph{overflow-x:auto;border:1px solid var(--line);border-radius:6px}
svg text{fill:var(--fg);font:13px system-ui,"Noto Sans CJK SC",sans-serif}
svg rect{fill:var(--soft);stroke:var(--action,var(--line));stroke-width:2}
svg path{fill:none;stroke:var(--dim);stroke-width:1.3}svg .tip{fill:var(--dim);stroke:none}
body>details{margin-top:.75rem}
footer{margin-top:2rem;border-top:1px solid var(--line);padding-top:.75rem;color:var(--dim)}
@media (max-width:760px){table.diff,table.diff tbody,table.diff tr{display:block}
table.diff tr{display:grid;grid-template-columns:3.4em 1fr}table.diff th{grid-column:1/-1}
table.diff td.void{display:none}table.diff tr.same td:nth-child(n+3),table.diff colgroup{display:none}}
@media print{.bar{display:none}pre.whole{max-height:none}}
"""

SCRIPT = """
(function(){
var bar=document.querySelector('.bar');if(!bar)return;bar.hidden=false;
var search=bar.querySelector('input'),wanted='';
var all=[].slice.call(document.querySelectorAll('.change')).map(function(one){
return{element:one,name:one.querySelector('h3').textContent.toLowerCase(),
actions:one.dataset.actions.split(' ')}});
function show(){
var part=search.value.trim().toLowerCase();
all.forEach(function(one){
one.element.hidden=!!wanted&&one.actions.indexOf(wanted)<0||one.name.indexOf(part)<0});
document.querySelectorAll('section.scope').forEach(function(one){
one.hidden=!one.querySelector('.change:not([hidden])')})}
search.addEventListener('input',show);
bar.addEventListener('click',function(event){
var button=event.target.closest('button');if(!button)return;
if(button.dataset.open){all.forEach(function(one){one.element.open=button.dataset.open==='1'});return}
wanted=button.dataset.action;
bar.querySelectorAll('button[data-action]').forEach(function(one){
one.setAttribute('aria-pressed',one===button?'true':'false')});
show();
});
function open(){var one=location.hash.length>1&&document.getElementById(location.hash.slice(1));
if(one&&one.classList.contains('change')){one.hidden=one.parentNode.hidden=false;one.open=true;one.scrollIntoView()}}
window.addEventListener('hashchange',open);open();
})();
"""


def esc(text: str) -> str:
    """A value as text in an element or an attribute: no markup, and nothing that is not seen."""
    return html.escape(visible(text), quote=True)


def page(title: str, body: str) -> str:
    """One file that is all there is: it loads nothing, and only its own script may run."""
    policy = (
        f"default-src 'none'; style-src {_source(STYLE)}; script-src {_source(SCRIPT)}; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{esc(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"{body}\n<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )


def _source(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
