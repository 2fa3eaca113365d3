Redoc.init(new URL('../../openapi.json', document.currentScript.src).href, { hideHostname: true, theme: { typography: { fontFamily: 'system-ui, sans-serif', headings: { fontFamily: 'system-ui, sans-serif' } } } },
  document.getElementById('redoc'));
