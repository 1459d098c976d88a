export { quickenMessages } from './quicken';
