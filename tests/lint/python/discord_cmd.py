# expect: 12 blocking-in-coroutine
# expect: 19 blocking-in-coroutine
import discord
import requests
from discord.ext import commands

bot = commands.Bot("!")


@bot.command()
async def cat(ctx):
    data = requests.get("https://api.cats.example").json()
    await ctx.send(data["url"])


class Fun(commands.Cog):
    @commands.Cog.listener()
    async def on_message(self, message: discord.Message):
        self.weather(message.content)

    def weather(self, city):
        return requests.get("https://w.example", params={"q": city}).json()
