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
