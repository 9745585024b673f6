"""The pages a person sees: the account chooser, and a refusal."""

STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--paper:#fff;--go:#0b57d0}
@media (prefers-color-scheme:dark){:root{
--ink:#e6edf3;--soft:#9aa4af;--line:#3d444d;--paper:#151b23;--go:#a8c7fa}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1rem;color:var(--ink);
background:var(--paper);font:1rem/1.5 system-ui,sans-serif}
main{width:100%;max-width:26rem}h1{font-size:1.5rem;margin:0 0 .25rem}p{color:var(--soft);margin:0 0 1.25rem}
ul{list-style:none;margin:0 0 1.25rem;padding:0;display:grid;gap:.5rem}
button{width:100%;min-height:3.5rem;padding:.5rem 1rem;text-align:left;font:inherit;color:inherit;
background:none;border:1px solid var(--line);border-radius:.75rem;cursor:pointer}
button:hover{border-color:var(--go)}button:focus-visible,input:focus-visible{outline:3px solid var(--go);
outline-offset:2px}
button span{display:block;color:var(--soft);font-size:.875rem;overflow-wrap:anywhere}
fieldset{border:1px solid var(--line);border-radius:.75rem;margin:0 0 1.25rem;padding:.75rem 1rem}
label{display:flex;gap:.75rem;align-items:center;min-height:2.75rem;overflow-wrap:anywhere}
input[type=checkbox]{width:1.25rem;height:1.25rem;flex:none}
.deny{text-align:center;min-height:2.75rem;border-color:transparent;color:var(--go)}
small{color:var(--soft)}fieldset:not(:has(label)){display:none}
"""

HEAD = f"""<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="referrer" content="no-referrer"><style>{STYLE}</style>"""

CHOOSER = (
    HEAD
    + """<title>Choose an account</title></head><body><main>
<h1>Choose an account</h1><p>to continue to <b>$client</b></p>
<form method="post" action="/authorize">$hidden<input type="hidden" name="granular" value="1">
<fieldset><legend>It also asks for</legend>$scopes</fieldset>
<ul>$people</ul>
<button class="deny" name="deny" value="1">Do not sign in</button></form>
<p><small>This is a stand-in for Google on this machine. The people are invented.</small></p>
</main></body></html>"""
)

PERSON = '<li><button name="person" value="$email">$name<span>$email</span></button></li>'

SCOPE = '<label><input type="checkbox" name="grant" value="$scope" checked><span>$told</span></label>'

TOLD = {
    "https://www.googleapis.com/auth/drive.metadata.readonly": "See which Drive files you may open",
    "https://www.googleapis.com/auth/drive.readonly": "See and download all your Drive files",
}
"""What a scope means, in words."""

REFUSED = (
    HEAD
    + """<title>Access blocked</title></head><body><main>
<h1>Access blocked</h1><p>$reason</p><p>Error $status: $code</p></main></body></html>"""
)
