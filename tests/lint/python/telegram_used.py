# expect: 7 blocking-in-coroutine
import requests
from telegram.ext import ApplicationBuilder, CommandHandler


async def price(update, context):
    r = requests.get("https://api/price")
    await update.message.reply_text(r.text)


app = ApplicationBuilder().token("x").build()
app.add_handler(CommandHandler("price", price))
