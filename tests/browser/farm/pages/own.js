new Image().src = 'https://{{own-script scripts}}/a.png';
