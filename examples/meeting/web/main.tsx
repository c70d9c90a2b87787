import { render } from 'preact';
import { AppView } from './components/app-view.js';
import { App } from './model/app.js';
import './styles/main.css';

const root = document.getElementById('app');
if (root === null) throw new Error('index.html must hold an element with the id "app"');

const app = new App();
render(<AppView app={app} />, root);
void app.open();
