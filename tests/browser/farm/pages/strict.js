const { dataset } = document.documentElement;
const policy = trustedTypes.createPolicy('gazette', { createScriptURL: (address) => address });
const script = document.createElement('script');
script.src = policy.createScriptURL('https://more.strict-third.test/a.js');
document.head.append(script);
try {
  document.createElement('p').innerHTML = '<b>plain text</b>';
} catch {
  dataset.plainText = 'refused';
}
dataset.withNonce = 'ran';
